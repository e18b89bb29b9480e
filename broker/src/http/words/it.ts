import type { Words } from './words.ts';

export const it: Words = {
  signInTo: 'Accedi a {client}',
  signUpFor: 'Registrati su {client}',
  continueWith: 'Continua con {connection}',
  lastUsed: 'Ultimo usato',
  noWayIn:
    'Qui non è ancora possibile accedere. Rivolgiti a chi gestisce l’applicazione; puoi chiudere questa finestra.',
  getHelp: 'Assistenza',

  signingInTo: 'Accesso a {client}',
  forDeveloper: 'Per chi sviluppa l’applicazione',
  error: 'Errore',
  traceId: 'Numero di traccia',
  attempt: 'Tentativo',
  openAttempt: 'Apri il tentativo',
  backTo: 'Torna a {client}',
  backToApplication: 'Torna all’applicazione',

  goingTo: 'Passaggio a {name}',
  continueYourself: 'Se non succede nulla, prosegui tu.',
  continue: 'Continua',
  returning: 'Ritorno all’applicazione',
  windowStaysOpen:
    'Se questa finestra resta aperta, chiudila e guarda nell’applicazione. Se lì non hai effettuato l’accesso, riprova da lì.',

  wantsAccess: '{client} chiede di accedere al tuo account',
  signedInAs: 'Hai effettuato l’accesso come {person}.',
  willBeAble: 'Se accetti, {client} potrà:',
  inApi: 'Su {api}:',
  scopeOpenid: 'Sapere che sei tu',
  scopeProfile: 'Vedere il tuo nome e la tua foto',
  scopeEmail: 'Vedere il tuo indirizzo email',
  scopeOfflineAccess: 'Mantenere l’accesso quando non ci sei',
  scopeUserMetadata: 'Vedere le preferenze salvate con il tuo account',
  allow: 'Consenti',
  decline: 'Rifiuta',
  continueTo: 'Continuare con {client}?',
  unproven:
    'Un’applicazione sul tuo dispositivo chiede di farti accedere. Nessuno può dimostrare che sia davvero {client}: continua solo se l’hai appena avviata tu.',

  signOutQuestion: 'Vuoi uscire?',
  asksToSignOut: '{client} ti chiede di uscire',
  willBeSignedOut: 'Uscirai da {tenant} e le sue applicazioni potrebbero chiederti di accedere di nuovo.',
  signOut: 'Esci',
  didNotAsk: 'Se non l’hai chiesto tu, chiudi questa finestra. L’accesso resta attivo.',
  signedOut: 'Sei uscito',
  afterSignOut:
    'Puoi chiudere questa finestra. Su un dispositivo usato anche da altri chiudi tutto il browser: i fornitori con cui hai effettuato l’accesso potrebbero ancora riconoscerti.',

  connectDevice: 'Collega un dispositivo',
  enterCode: 'Inserisci il codice mostrato dal tuo dispositivo.',
  code: 'Codice',
  codeNotKnown: 'Questo codice è errato o troppo vecchio. Guarda il dispositivo e inserisci di nuovo il codice.',
  confirmDevice: 'È questo il codice sul tuo dispositivo?',
  onlyYourDevice: 'Conferma solo se hai iniziato tu e il dispositivo davanti a te mostra lo stesso codice.',
  confirm: 'Conferma',
  cancel: 'Annulla',
  deviceConnected: 'Il tuo dispositivo è collegato',
  deviceNotConnected: 'Il tuo dispositivo non è stato collegato',
  backToDevice: 'Puoi chiudere questa finestra e tornare al tuo dispositivo.',

  errors: {
    request: {
      heading: 'L’accesso non è riuscito.',
      message: 'L’applicazione ha chiesto qualcosa che non è possibile.',
      advice: 'Torna all’applicazione e riprova. Se succede ancora, avvisa chi la sviluppa.',
    },
    lost: {
      heading: 'Questo accesso non può più essere completato.',
      message:
        'Forse hai usato il pulsante Indietro, ricaricato la pagina o aperto più accessi insieme, oppure il browser non ha conservato i cookie.',
      advice: 'Torna all’applicazione e accedi di nuovo.',
    },
    callback: {
      heading: 'Questo indirizzo di ritorno non è consentito.',
      message: 'L’applicazione vuole tornare a un indirizzo che non è nell’elenco dei suoi URL di callback.',
      advice: 'Puoi chiudere questa finestra. Chi sviluppa l’applicazione deve prima inserire l’indirizzo.',
    },
    connection: {
      heading: 'Questo modo di accedere non è disponibile.',
      message: 'È stato disattivato per questa applicazione.',
      advice: 'Torna indietro e scegli un altro modo di accedere.',
    },
    provider: {
      heading: 'L’accesso non è riuscito.',
      message: 'Il fornitore ha risposto in un modo che non può essere accettato.',
      advice:
        'Torna all’applicazione e scegli un altro modo di accedere. Chi la sviluppa può modificare la connessione.',
    },
    refused: {
      heading: 'L’accesso non è avvenuto.',
      message: 'L’operazione è finita senza accesso all’applicazione.',
      advice: 'Torna all’applicazione e riprova, oppure chiudi questa finestra.',
    },
    signOut: {
      heading: 'L’uscita non è riuscita.',
      message: 'L’applicazione ha chiesto qualcosa che non è possibile.',
      advice: 'Puoi chiudere questa finestra. Per uscire, torna all’applicazione e riprova.',
    },
    busy: {
      heading: 'In questo momento non ha funzionato.',
      message: 'Il servizio è sovraccarico.',
      advice: 'Attendi un attimo, poi torna all’applicazione e riprova.',
    },
    ours: {
      heading: 'Non ha funzionato.',
      message:
        'Qualcosa è andato storto da parte nostra. Chi gestisce questo servizio può scoprire cosa con il numero di traccia.',
      advice: 'Torna all’applicazione e riprova. Se succede ancora, avvisa chi la sviluppa.',
    },
  },
};
