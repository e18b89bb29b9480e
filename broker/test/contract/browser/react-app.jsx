import { Auth0Provider, AuthenticationError, useAuth0, withAuthenticationRequired } from '@auth0/auth0-react';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';

/* An application as the documentation of @auth0/auth0-react writes it; `settings` is left on the page by its server. */

const { userinfo, connections, ...settings } = globalThis.settings;

const home = () => history.replaceState({}, '', '/');

function Home() {
  const { isLoading, isAuthenticated, error, user, loginWithRedirect, loginWithPopup, getAccessTokenSilently, logout } =
    useAuth0();
  const [answer, setAnswer] = useState('');
  if (isLoading) return <p>Loading</p>;
  const signIn = (connection) => loginWithRedirect({ authorizationParams: { connection } });
  const askUserinfo = async () => {
    const token = await getAccessTokenSilently({ cacheMode: 'off' });
    const response = await fetch(userinfo, { headers: { authorization: `Bearer ${token}` } });
    setAnswer(`${response.status} ${(await response.json()).sub}`);
  };
  return (
    <>
      {error && (
        <p role="alert">
          {error instanceof AuthenticationError ? 'AuthenticationError' : 'another error'} {error.error}{' '}
          {error.error_description}
        </p>
      )}
      {isAuthenticated ? (
        <>
          <h1>{user.name}</h1>
          <p data-testid="sub">{user.sub}</p>
          <button type="button" onClick={askUserinfo}>
            Ask userinfo
          </button>
          <p role="status">{answer}</p>
          <button type="button" onClick={() => logout({ logoutParams: { returnTo: location.origin } })}>
            Sign out
          </button>
        </>
      ) : (
        <>
          <h1>Nobody</h1>
          {connections.map((connection) => (
            <button type="button" key={connection} onClick={() => signIn(connection)}>
              Sign in with {connection}
            </button>
          ))}
          <button type="button" onClick={() => loginWithPopup({ authorizationParams: { connection: connections[0] } })}>
            Sign in with a popup
          </button>
        </>
      )}
    </>
  );
}

const Private = withAuthenticationRequired(() => <h1>Private</h1>, {
  loginOptions: { authorizationParams: { connection: connections[0] } },
});

function App() {
  return location.pathname === '/private' ? <Private /> : <Home />;
}

createRoot(document.querySelector('main')).render(
  <Auth0Provider
    {...settings}
    onRedirectCallback={(appState) => (appState?.returnTo ? location.replace(appState.returnTo) : home())}
  >
    <App />
  </Auth0Provider>,
);
