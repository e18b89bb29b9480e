import type { Words } from './words.ts';

export const nl: Words = {
  signInTo: 'Inloggen bij {client}',
  signUpFor: 'Registreren bij {client}',
  continueWith: 'Doorgaan met {connection}',
  lastUsed: 'Laatst gebruikt',
  noWayIn: 'Hier kan nog niet worden ingelogd. Vraag het de beheerders van de toepassing; u kunt dit venster sluiten.',
  getHelp: 'Hulp krijgen',

  signingInTo: 'Inloggen bij {client}',
  forDeveloper: 'Voor de ontwikkelaar van de toepassing',
  error: 'Fout',
  traceId: 'Volgnummer',
  attempt: 'Poging',
  openAttempt: 'De poging openen',
  backTo: 'Terug naar {client}',
  backToApplication: 'Terug naar de toepassing',

  goingTo: 'Verder naar {name}',
  continueYourself: 'Gebeurt er niets, ga dan zelf verder.',
  continue: 'Doorgaan',
  returning: 'Terug naar de toepassing',
  windowStaysOpen:
    'Blijft dit venster open, sluit het dan en kijk in de toepassing. Bent u daar niet ingelogd, probeer het dan van daaruit opnieuw.',

  wantsAccess: '{client} vraagt toegang tot uw account',
  signedInAs: 'U bent ingelogd als {person}.',
  willBeAble: 'Als u dit toestaat, kan {client}:',
  inApi: 'Bij {api}:',
  scopeOpenid: 'Weten dat u het bent',
  scopeProfile: 'Uw naam en foto zien',
  scopeEmail: 'Uw e-mailadres zien',
  scopeOfflineAccess: 'Toegang houden terwijl u er niet bent',
  scopeUserMetadata: 'De voorkeuren bij uw account zien',
  allow: 'Toestaan',
  decline: 'Weigeren',
  continueTo: 'Doorgaan naar {client}?',
  unproven:
    'Een toepassing op uw eigen apparaat wil u inloggen. Niemand kan bewijzen dat het echt {client} is; ga alleen door als u deze zojuist zelf hebt gestart.',

  signOutQuestion: 'Uitloggen?',
  asksToSignOut: '{client} vraagt u uit te loggen',
  willBeSignedOut: 'U wordt uitgelogd bij {tenant}; de toepassingen daarvan kunnen u vragen opnieuw in te loggen.',
  signOut: 'Uitloggen',
  didNotAsk: 'Hebt u hier niet om gevraagd, sluit dan dit venster. U blijft ingelogd.',
  signedOut: 'U bent uitgelogd',
  afterSignOut:
    'U kunt dit venster sluiten. Sluit op een apparaat dat ook anderen gebruiken de hele browser: de aanbieders waarmee u hebt ingelogd, kennen u misschien nog.',

  connectDevice: 'Een apparaat koppelen',
  enterCode: 'Voer de code in die uw apparaat toont.',
  code: 'Code van het apparaat',
  codeNotKnown: 'Deze code is onjuist of te oud. Kijk op uw apparaat en voer de code opnieuw in.',
  confirmDevice: 'Is dit de code op uw apparaat?',
  onlyYourDevice: 'Bevestig alleen als u dit zelf bent begonnen en het apparaat voor u dezelfde code toont.',
  confirm: 'Bevestigen',
  cancel: 'Annuleren',
  deviceConnected: 'Uw apparaat is gekoppeld',
  deviceNotConnected: 'Uw apparaat is niet gekoppeld',
  backToDevice: 'U kunt dit venster sluiten en teruggaan naar uw apparaat.',

  errors: {
    request: {
      heading: 'Het inloggen is niet gelukt.',
      message: 'De toepassing vroeg om iets dat niet mogelijk is.',
      advice: 'Ga terug naar de toepassing en probeer het opnieuw. Gebeurt het weer, vertel het dan de ontwikkelaar.',
    },
    lost: {
      heading: 'Deze inlogpoging kan niet meer worden voltooid.',
      message:
        'Misschien hebt u de knop Vorige gebruikt, de pagina vernieuwd of meerdere inlogvensters geopend, of heeft de browser de cookies niet bewaard.',
      advice: 'Ga terug naar de toepassing en log opnieuw in.',
    },
    callback: {
      heading: 'Dit terugkeeradres is niet toegestaan.',
      message: 'De toepassing wil terugkeren naar een adres dat niet in haar lijst van callback-URL’s staat.',
      advice: 'U kunt dit venster sluiten. De ontwikkelaar van de toepassing moet het adres eerst toevoegen.',
    },
    connection: {
      heading: 'Deze manier van inloggen is niet beschikbaar.',
      message: 'Ze is voor deze toepassing uitgeschakeld.',
      advice: 'Ga terug en kies een andere manier om in te loggen.',
    },
    provider: {
      heading: 'Het inloggen is niet gelukt.',
      message: 'De aanbieder antwoordde op een manier die niet kan worden aanvaard.',
      advice:
        'Ga terug naar de toepassing en kies een andere manier om in te loggen. De ontwikkelaar kan de verbinding wijzigen.',
    },
    refused: {
      heading: 'U bent niet ingelogd.',
      message: 'Het inloggen eindigde zonder toegang tot de toepassing.',
      advice: 'Ga terug naar de toepassing en probeer het opnieuw, of sluit dit venster.',
    },
    signOut: {
      heading: 'Het uitloggen is niet gelukt.',
      message: 'De toepassing vroeg om iets dat niet mogelijk is.',
      advice: 'U kunt dit venster sluiten. Ga om uit te loggen terug naar de toepassing en probeer het opnieuw.',
    },
    busy: {
      heading: 'Dit lukte nu even niet.',
      message: 'De dienst is overbelast.',
      advice: 'Wacht even, ga dan terug naar de toepassing en probeer het opnieuw.',
    },
    ours: {
      heading: 'Dit is niet gelukt.',
      message: 'Er ging bij ons iets mis. De beheerders van deze dienst kunnen met het volgnummer nagaan wat.',
      advice: 'Ga terug naar de toepassing en probeer het opnieuw. Gebeurt het weer, vertel het dan de ontwikkelaar.',
    },
  },
};
