import type { ProfileCallback, ProfileContext } from 'portico/types';

type Person = { id: number; display_name: string; email: string; avatar?: { url: string } };

function fetchUserProfile(accessToken: string, ctx: ProfileContext, callback: ProfileCallback) {
  request.get(
    { url: 'https://api.example.com/me', auth: { bearer: accessToken }, json: true },
    (error, response, body: Person) => {
      if (error) return callback(error);
      if (response.statusCode !== 200) return callback(new Error(`the profile answered ${response.statusCode}`));
      callback(null, {
        user_id: body.id,
        name: body.display_name,
        email: body.email,
        picture: body.avatar?.url,
        user_metadata: { scope: ctx.scope },
      });
    },
  );
}
