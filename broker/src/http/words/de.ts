import type { Words } from './words.ts';

export const de: Words = {
  signInTo: 'Bei {client} anmelden',
  signUpFor: 'Bei {client} registrieren',
  continueWith: 'Weiter mit {connection}',
  lastUsed: 'Zuletzt verwendet',
  noWayIn:
    'Hier kann man sich noch nicht anmelden. Fragen Sie die Betreiber der Anwendung; Sie können dieses Fenster schließen.',
  getHelp: 'Hilfe',

  signingInTo: 'Anmeldung bei {client}',
  forDeveloper: 'Für die Entwickler der Anwendung',
  error: 'Fehler',
  traceId: 'Vorgangsnummer',
  attempt: 'Versuch',
  openAttempt: 'Versuch öffnen',
  backTo: 'Zurück zu {client}',
  backToApplication: 'Zurück zur Anwendung',

  goingTo: 'Weiter zu {name}',
  continueYourself: 'Wenn nichts geschieht, gehen Sie selbst weiter.',
  continue: 'Weiter',
  returning: 'Zurück zur Anwendung',
  windowStaysOpen:
    'Wenn dieses Fenster offen bleibt, schließen Sie es und sehen Sie in der Anwendung nach. Sind Sie dort nicht angemeldet, versuchen Sie es von dort noch einmal.',

  wantsAccess: '{client} bittet um Zugriff auf Ihr Konto',
  signedInAs: 'Sie sind als {person} angemeldet.',
  willBeAble: 'Wenn Sie zustimmen, kann {client}:',
  inApi: 'Bei {api}:',
  scopeOpenid: 'Wissen, dass Sie es sind',
  scopeProfile: 'Ihren Namen und Ihr Bild sehen',
  scopeEmail: 'Ihre E-Mail-Adresse sehen',
  scopeOfflineAccess: 'Auch in Ihrer Abwesenheit zugreifen',
  scopeUserMetadata: 'Die Einstellungen sehen, die zu Ihrem Konto gehören',
  allow: 'Zustimmen',
  decline: 'Ablehnen',
  continueTo: 'Weiter zu {client}?',
  unproven:
    'Eine Anwendung auf Ihrem eigenen Gerät möchte Sie anmelden. Niemand kann beweisen, dass es wirklich {client} ist; fahren Sie nur fort, wenn Sie sie gerade selbst gestartet haben.',

  signOutQuestion: 'Abmelden?',
  asksToSignOut: '{client} bittet Sie, sich abzumelden',
  willBeSignedOut:
    'Sie werden bei {tenant} abgemeldet. Die Anwendungen dort bitten Sie dann vielleicht erneut um eine Anmeldung.',
  signOut: 'Abmelden',
  didNotAsk: 'Wenn Sie das nicht wollten, schließen Sie dieses Fenster. Sie bleiben angemeldet.',
  signedOut: 'Sie sind abgemeldet',
  afterSignOut:
    'Sie können dieses Fenster schließen. Auf einem Gerät, das auch andere benutzen, schließen Sie den ganzen Browser: Die Anbieter, über die Sie sich angemeldet haben, kennen Sie vielleicht noch.',

  connectDevice: 'Ein Gerät verbinden',
  enterCode: 'Geben Sie den Code ein, den Ihr Gerät anzeigt.',
  code: 'Gerätecode',
  codeNotKnown: 'Dieser Code ist falsch oder zu alt. Sehen Sie auf Ihr Gerät und geben Sie den Code noch einmal ein.',
  confirmDevice: 'Ist das der Code auf Ihrem Gerät?',
  onlyYourDevice:
    'Bestätigen Sie nur, wenn Sie das selbst begonnen haben und das Gerät vor Ihnen denselben Code zeigt.',
  confirm: 'Bestätigen',
  cancel: 'Abbrechen',
  deviceConnected: 'Ihr Gerät ist verbunden',
  deviceNotConnected: 'Ihr Gerät wurde nicht verbunden',
  backToDevice: 'Sie können dieses Fenster schließen und zu Ihrem Gerät zurückkehren.',

  errors: {
    request: {
      heading: 'Die Anmeldung hat nicht funktioniert.',
      message: 'Die Anwendung hat um etwas gebeten, das nicht möglich ist.',
      advice:
        'Gehen Sie zurück zur Anwendung und versuchen Sie es noch einmal. Wenn es wieder geschieht, sagen Sie es ihren Entwicklern.',
    },
    lost: {
      heading: 'Diese Anmeldung kann nicht mehr beendet werden.',
      message:
        'Vielleicht haben Sie die Zurück-Taste benutzt, die Seite neu geladen oder mehrere Anmeldungen zugleich geöffnet, oder der Browser hat die Cookies nicht behalten.',
      advice: 'Gehen Sie zurück zur Anwendung und melden Sie sich noch einmal an.',
    },
    callback: {
      heading: 'Diese Rückkehradresse ist nicht erlaubt.',
      message: 'Die Anwendung möchte an eine Adresse zurückkehren, die nicht in der Liste ihrer Callback-URLs steht.',
      advice: 'Sie können dieses Fenster schließen. Die Entwickler der Anwendung müssen die Adresse erst eintragen.',
    },
    connection: {
      heading: 'Diese Art der Anmeldung ist nicht verfügbar.',
      message: 'Sie wurde für diese Anwendung abgeschaltet.',
      advice: 'Gehen Sie zurück und wählen Sie eine andere Art der Anmeldung.',
    },
    provider: {
      heading: 'Die Anmeldung hat nicht funktioniert.',
      message: 'Der Anbieter hat in einer Form geantwortet, die nicht angenommen werden kann.',
      advice:
        'Gehen Sie zurück zur Anwendung und wählen Sie eine andere Art der Anmeldung. Ihre Entwickler können die Verbindung ändern.',
    },
    refused: {
      heading: 'Sie wurden nicht angemeldet.',
      message: 'Die Anmeldung endete ohne Zugang zur Anwendung.',
      advice: 'Gehen Sie zurück zur Anwendung und versuchen Sie es noch einmal, oder schließen Sie dieses Fenster.',
    },
    signOut: {
      heading: 'Die Abmeldung hat nicht funktioniert.',
      message: 'Die Anwendung hat um etwas gebeten, das nicht möglich ist.',
      advice:
        'Sie können dieses Fenster schließen. Um sich abzumelden, gehen Sie zurück zur Anwendung und versuchen Sie es noch einmal.',
    },
    busy: {
      heading: 'Das hat gerade nicht funktioniert.',
      message: 'Der Dienst ist überlastet.',
      advice: 'Warten Sie einen Moment, gehen Sie dann zurück zur Anwendung und versuchen Sie es noch einmal.',
    },
    ours: {
      heading: 'Das hat nicht funktioniert.',
      message:
        'Bei uns ist etwas fehlgeschlagen. Die Betreiber dieses Dienstes können mit der Vorgangsnummer herausfinden, was.',
      advice:
        'Gehen Sie zurück zur Anwendung und versuchen Sie es noch einmal. Wenn es wieder geschieht, sagen Sie es ihren Entwicklern.',
    },
  },
};
