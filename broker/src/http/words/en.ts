/**
 * Everything that hosted pages say, in English. `{name}` is filled in. The other languages have the same entries, which
 * the type checks. `errors` is what happened to a person, by its kind; the developer's part of an error page is not
 * translated.
 */
export const en = {
  signInTo: 'Sign in to {client}',
  signUpFor: 'Sign up for {client}',
  continueWith: 'Continue with {connection}',
  lastUsed: 'Last used',
  noWayIn: 'There is no way to sign in here yet. Ask the people who run this application; you can close this window.',
  getHelp: 'Get help',

  signingInTo: 'Signing in to {client}',
  forDeveloper: 'For the developer of the application',
  error: 'Error',
  traceId: 'Trace ID',
  attempt: 'Attempt',
  openAttempt: 'Open the attempt',
  backTo: 'Back to {client}',
  backToApplication: 'Back to the application',

  goingTo: 'Going to {name}',
  continueYourself: 'If nothing happens, continue yourself.',
  continue: 'Continue',
  returning: 'Returning to the application',
  windowStaysOpen:
    'If this window stays open, close it and look in the application. If you are not signed in there, try again from it.',

  wantsAccess: '{client} asks for access to your account',
  signedInAs: 'You are signed in as {person}.',
  willBeAble: 'If you allow it, {client} can:',
  inApi: 'In {api}:',
  scopeOpenid: 'Know that it is you',
  scopeProfile: 'See your name and picture',
  scopeEmail: 'See your email address',
  scopeOfflineAccess: 'Keep its access while you are away',
  scopeUserMetadata: 'See the preferences kept with your account',
  allow: 'Allow',
  decline: 'Decline',
  continueTo: 'Continue to {client}?',
  unproven:
    'An application on your own device asks to sign you in. Nobody can prove that it is really {client}, so continue only if you have just started it.',

  signOutQuestion: 'Sign out?',
  asksToSignOut: '{client} asks you to sign out',
  willBeSignedOut: 'You will be signed out of {tenant}, and its applications may ask you to sign in again.',
  signOut: 'Sign out',
  didNotAsk: 'If you did not ask for this, close this window. You stay signed in.',
  signedOut: 'You are signed out',
  afterSignOut:
    'You can close this window. On a device that others use, close the whole browser: the providers that you signed in with may still know you.',

  connectDevice: 'Connect a device',
  enterCode: 'Enter the code that your device shows.',
  code: 'Code',
  codeNotKnown: 'This code is wrong or too old. Look at your device and enter its code again.',
  confirmDevice: 'Is this the code on your device?',
  onlyYourDevice: 'Confirm only if you have started this yourself and the device in front of you shows the same code.',
  confirm: 'Confirm',
  cancel: 'Cancel',
  deviceConnected: 'Your device is connected',
  deviceNotConnected: 'Your device was not connected',
  backToDevice: 'You can close this window and go back to your device.',

  errors: {
    request: {
      heading: 'This sign-in did not work.',
      message: 'The application asked for something that cannot be done.',
      advice: 'Go back to the application and try again. If it happens again, tell its developer.',
    },
    lost: {
      heading: 'This sign-in can no longer be finished.',
      message:
        "You may have pressed the back button, refreshed during login, opened too many login dialogs, or there is some issue with cookies, since we couldn't find your session. Try logging in again from the application and if the problem persists please contact the administrator.",
      advice: 'Go back to the application and sign in again.',
    },
    callback: {
      heading: 'Callback URL mismatch.',
      message:
        'The provided redirect_uri is not in the list of allowed callback URLs. Please go to the Application Settings page and make sure you are sending a valid callback url from your application.',
      advice: 'You can close this window. The developer of the application has to list the address first.',
    },
    connection: {
      heading: 'This way to sign in is not available.',
      message: 'It was switched off for this application.',
      advice: 'Go back and choose another way to sign in.',
    },
    provider: {
      heading: 'This sign-in did not work.',
      message: 'The provider answered in a way that cannot be accepted.',
      advice: 'Go back to the application and choose another way to sign in. Its developer can change the connection.',
    },
    refused: {
      heading: 'You were not signed in.',
      message: 'The sign-in ended without access to the application.',
      advice: 'Go back to the application and try again, or close this window.',
    },
    signOut: {
      heading: 'This sign-out did not work.',
      message: 'The application asked for something that cannot be done.',
      advice: 'You can close this window. To sign out, go back to the application and try again.',
    },
    busy: {
      heading: 'This did not work just now.',
      message: 'The service is busy.',
      advice: 'Wait a moment, then go back to the application and try again.',
    },
    ours: {
      heading: 'This did not work.',
      message: 'Something failed on our side. The people who run this service can find out what with the trace ID.',
      advice: 'Go back to the application and try again. If it happens again, tell its developer.',
    },
  },
} as const;
