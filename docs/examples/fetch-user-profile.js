function fetchUserProfile(accessToken, context, callback) {
  request.get(
    {
      url: 'https://provider.example.com/userinfo',
      headers: { Authorization: 'Bearer ' + accessToken },
      json: true,
    },
    function (error, response, body) {
      if (error) return callback(error);
      if (response.statusCode !== 200) return callback(new Error('The provider refused the profile request'));
      callback(null, {
        user_id: body.id,
        email: body.email,
        email_verified: body.email_verified,
        name: body.name,
        picture: body.avatar && body.avatar.url,
        user_metadata: { plan: body.plan },
      });
    },
  );
}
