import type { Words } from './words.ts';

export const fr: Words = {
  signInTo: 'Se connecter à {client}',
  signUpFor: 'S’inscrire à {client}',
  continueWith: 'Continuer avec {connection}',
  lastUsed: 'Dernier utilisé',
  noWayIn:
    'Il n’est pas encore possible de se connecter ici. Adressez-vous aux responsables de l’application ; vous pouvez fermer cette fenêtre.',
  getHelp: 'Obtenir de l’aide',

  signingInTo: 'Connexion à {client}',
  forDeveloper: 'Pour le développeur de l’application',
  error: 'Erreur',
  traceId: 'Numéro de suivi',
  attempt: 'Tentative',
  openAttempt: 'Ouvrir la tentative',
  backTo: 'Retour à {client}',
  backToApplication: 'Retour à l’application',

  goingTo: 'Redirection vers {name}',
  continueYourself: 'Si rien ne se passe, continuez vous-même.',
  continue: 'Continuer',
  returning: 'Retour à l’application',
  windowStaysOpen:
    'Si cette fenêtre reste ouverte, fermez-la et regardez dans l’application. Si vous n’y êtes pas connecté, réessayez depuis celle-ci.',

  wantsAccess: '{client} demande l’accès à votre compte',
  signedInAs: 'Vous êtes connecté en tant que {person}.',
  willBeAble: 'Si vous acceptez, {client} pourra :',
  inApi: 'Dans {api} :',
  scopeOpenid: 'Savoir que c’est bien vous',
  scopeProfile: 'Voir votre nom et votre photo',
  scopeEmail: 'Voir votre adresse e-mail',
  scopeOfflineAccess: 'Conserver son accès en votre absence',
  scopeUserMetadata: 'Voir les préférences liées à votre compte',
  allow: 'Accepter',
  decline: 'Refuser',
  continueTo: 'Continuer vers {client} ?',
  unproven:
    'Une application de votre propre appareil demande à vous connecter. Personne ne peut prouver qu’il s’agit bien de {client} : ne continuez que si vous venez de la lancer.',

  signOutQuestion: 'Se déconnecter ?',
  asksToSignOut: '{client} vous demande de vous déconnecter',
  willBeSignedOut:
    'Vous serez déconnecté de {tenant}, et ses applications pourront vous demander de vous connecter à nouveau.',
  signOut: 'Se déconnecter',
  didNotAsk: 'Si vous ne l’avez pas demandé, fermez cette fenêtre. Vous restez connecté.',
  signedOut: 'Vous êtes déconnecté',
  afterSignOut:
    'Vous pouvez fermer cette fenêtre. Sur un appareil partagé, fermez tout le navigateur : les fournisseurs avec lesquels vous vous êtes connecté vous reconnaissent peut-être encore.',

  connectDevice: 'Connecter un appareil',
  enterCode: 'Saisissez le code affiché sur votre appareil.',
  code: 'Code affiché',
  codeNotKnown: 'Ce code est erroné ou trop ancien. Regardez votre appareil et saisissez de nouveau son code.',
  confirmDevice: 'Est-ce bien le code affiché sur votre appareil ?',
  onlyYourDevice:
    'Ne confirmez que si vous avez commencé vous-même et que l’appareil devant vous affiche le même code.',
  confirm: 'Confirmer',
  cancel: 'Annuler',
  deviceConnected: 'Votre appareil est connecté',
  deviceNotConnected: 'Votre appareil n’a pas été connecté',
  backToDevice: 'Vous pouvez fermer cette fenêtre et retourner à votre appareil.',

  errors: {
    request: {
      heading: 'La connexion n’a pas fonctionné.',
      message: 'L’application a demandé quelque chose d’impossible.',
      advice: 'Retournez à l’application et réessayez. Si cela se reproduit, prévenez son développeur.',
    },
    lost: {
      heading: 'Cette connexion ne peut plus être terminée.',
      message:
        'Vous avez peut-être utilisé le bouton Retour, rechargé la page ou ouvert plusieurs connexions à la fois, ou bien le navigateur n’a pas conservé les cookies.',
      advice: 'Retournez à l’application et connectez-vous de nouveau.',
    },
    callback: {
      heading: 'Cette adresse de retour n’est pas autorisée.',
      message: 'L’application veut revenir à une adresse qui ne figure pas dans la liste de ses URL de rappel.',
      advice: 'Vous pouvez fermer cette fenêtre. Le développeur de l’application doit d’abord inscrire cette adresse.',
    },
    connection: {
      heading: 'Ce moyen de connexion n’est pas disponible.',
      message: 'Il a été désactivé pour cette application.',
      advice: 'Revenez en arrière et choisissez un autre moyen de connexion.',
    },
    provider: {
      heading: 'La connexion n’a pas fonctionné.',
      message: 'Le fournisseur a répondu d’une manière qui ne peut pas être acceptée.',
      advice:
        'Retournez à l’application et choisissez un autre moyen de connexion. Son développeur peut modifier la configuration.',
    },
    refused: {
      heading: 'Vous n’avez pas été connecté.',
      message: 'La connexion s’est terminée sans donner accès à l’application.',
      advice: 'Retournez à l’application et réessayez, ou fermez cette fenêtre.',
    },
    signOut: {
      heading: 'La déconnexion n’a pas fonctionné.',
      message: 'L’application a demandé quelque chose d’impossible.',
      advice: 'Vous pouvez fermer cette fenêtre. Pour vous déconnecter, retournez à l’application et réessayez.',
    },
    busy: {
      heading: 'Cela n’a pas fonctionné pour le moment.',
      message: 'Le service est surchargé.',
      advice: 'Attendez un instant, puis retournez à l’application et réessayez.',
    },
    ours: {
      heading: 'Cela n’a pas fonctionné.',
      message:
        'Un problème est survenu de notre côté. Les responsables de ce service peuvent en trouver la cause grâce au numéro de suivi.',
      advice: 'Retournez à l’application et réessayez. Si cela se reproduit, prévenez son développeur.',
    },
  },
};
