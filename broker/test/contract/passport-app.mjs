import express from 'express';
import session from 'express-session';
import passport from 'passport';
import Auth0Strategy from 'passport-auth0';

/* An application as the documentation of passport-auth0 writes it; the library has no types. */

export function createPassportApp({ domain, clientId, clientSecret, callback, onTokens }) {
  passport.use(
    new Auth0Strategy(
      { domain, clientID: clientId, clientSecret, callbackURL: callback },
      (accessToken, refreshToken, extraParams, profile, done) => {
        onTokens({ accessToken, refreshToken, idToken: extraParams.id_token });
        return done(null, { id: profile.id, displayName: profile.displayName, emails: profile.emails });
      },
    ),
  );
  passport.serializeUser((user, done) => done(null, user));
  passport.deserializeUser((user, done) => done(null, user));

  const app = express();
  app.use(session({ secret: 'an application secret', resave: false, saveUninitialized: true }));
  app.use(passport.initialize());
  app.use(passport.session());
  app.get('/login/:connection', (request, response, next) =>
    passport.authenticate('auth0', {
      scope: 'openid profile email offline_access',
      connection: request.params.connection,
      ...request.query,
    })(request, response, next),
  );
  app.get('/callback', (request, response, next) =>
    passport.authenticate('auth0', (error, user, info) => {
      if (error) return next(error);
      if (!user) return response.status(401).json({ info, query: request.query });
      return request.logIn(user, () => response.redirect('/me'));
    })(request, response, next),
  );
  app.get('/me', (request, response) => response.json(request.user ?? {}));
  app.get('/logout', (request, response, next) =>
    request.logout((error) => {
      if (error) return next(error);
      const query = new URLSearchParams({ client_id: clientId, returnTo: new URL('/', callback).origin });
      return response.redirect(`https://${domain}/v2/logout?${query}`);
    }),
  );
  app.use((error, _request, response, _next) => response.status(500).json({ message: error.message }));
  return app;
}
