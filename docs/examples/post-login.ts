import type { PostLoginApi, PostLoginEvent } from 'portico/types';

exports.onExecutePostLogin = async (event: PostLoginEvent, api: PostLoginApi) => {
  if (!event.user.email_verified) return api.access.deny('Please verify your e-mail address first.');
  api.idToken.setCustomClaim('https://example.com/plan', event.user.app_metadata.plan ?? 'free');
};
