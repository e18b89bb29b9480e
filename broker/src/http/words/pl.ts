import type { Words } from './words.ts';

export const pl: Words = {
  signInTo: 'Zaloguj się do {client}',
  signUpFor: 'Zarejestruj się w {client}',
  continueWith: 'Kontynuuj przez {connection}',
  lastUsed: 'Ostatnio używane',
  noWayIn: 'Nie można się tu jeszcze zalogować. Zapytaj osoby prowadzące aplikację; możesz zamknąć to okno.',
  getHelp: 'Uzyskaj pomoc',

  signingInTo: 'Logowanie do {client}',
  forDeveloper: 'Dla twórcy aplikacji',
  error: 'Błąd',
  traceId: 'Numer śledzenia',
  attempt: 'Próba',
  openAttempt: 'Otwórz próbę',
  backTo: 'Wróć do {client}',
  backToApplication: 'Wróć do aplikacji',

  goingTo: 'Przejście do {name}',
  continueYourself: 'Jeśli nic się nie dzieje, przejdź dalej samodzielnie.',
  continue: 'Dalej',
  returning: 'Powrót do aplikacji',
  windowStaysOpen:
    'Jeśli to okno się nie zamyka, zamknij je i zajrzyj do aplikacji. Jeśli nie ma tam zalogowania, spróbuj stamtąd ponownie.',

  wantsAccess: '{client} prosi o dostęp do Twojego konta',
  signedInAs: 'Zalogowano jako {person}.',
  willBeAble: 'Jeśli się zgodzisz, {client} będzie móc:',
  inApi: 'W {api}:',
  scopeOpenid: 'Wiedzieć, że to Ty',
  scopeProfile: 'Zobaczyć Twoje imię, nazwisko i zdjęcie',
  scopeEmail: 'Zobaczyć Twój adres e-mail',
  scopeOfflineAccess: 'Zachować dostęp podczas Twojej nieobecności',
  scopeUserMetadata: 'Zobaczyć ustawienia zapisane z Twoim kontem',
  allow: 'Zezwól',
  decline: 'Odmów',
  continueTo: 'Przejść do {client}?',
  unproven:
    'Aplikacja na Twoim urządzeniu chce Cię zalogować. Nikt nie może udowodnić, że to naprawdę {client}; kontynuuj tylko wtedy, gdy właśnie ją uruchomiono z Twojej woli.',

  signOutQuestion: 'Wylogować?',
  asksToSignOut: '{client} prosi o wylogowanie',
  willBeSignedOut: 'Nastąpi wylogowanie z {tenant}, a tamtejsze aplikacje mogą ponownie poprosić o zalogowanie.',
  signOut: 'Wyloguj',
  didNotAsk: 'Jeśli to nie Twoja prośba, zamknij to okno. Zalogowanie pozostanie.',
  signedOut: 'Wylogowano',
  afterSignOut:
    'Możesz zamknąć to okno. Na urządzeniu, z którego korzystają inni, zamknij całą przeglądarkę: dostawcy, przez których nastąpiło logowanie, mogą Cię nadal pamiętać.',

  connectDevice: 'Połącz urządzenie',
  enterCode: 'Wpisz kod widoczny na urządzeniu.',
  code: 'Kod',
  codeNotKnown: 'Ten kod jest błędny lub zbyt stary. Spójrz na urządzenie i wpisz kod jeszcze raz.',
  confirmDevice: 'Czy ten kod jest na Twoim urządzeniu?',
  onlyYourDevice: 'Potwierdź tylko wtedy, gdy to Twoja prośba, a urządzenie przed Tobą pokazuje ten sam kod.',
  confirm: 'Potwierdź',
  cancel: 'Anuluj',
  deviceConnected: 'Urządzenie jest połączone',
  deviceNotConnected: 'Urządzenie nie zostało połączone',
  backToDevice: 'Możesz zamknąć to okno i wrócić do urządzenia.',

  errors: {
    request: {
      heading: 'Logowanie się nie powiodło.',
      message: 'Aplikacja poprosiła o coś, czego nie można zrobić.',
      advice: 'Wróć do aplikacji i spróbuj ponownie. Jeśli to się powtórzy, powiadom jej twórcę.',
    },
    lost: {
      heading: 'Tego logowania nie można już dokończyć.',
      message:
        'Być może użyto przycisku Wstecz, odświeżono stronę lub otwarto kilka logowań naraz albo przeglądarka nie zachowała plików cookie.',
      advice: 'Wróć do aplikacji i zaloguj się ponownie.',
    },
    callback: {
      heading: 'Ten adres powrotu nie jest dozwolony.',
      message: 'Aplikacja chce wrócić pod adres, którego nie ma na liście jej adresów zwrotnych.',
      advice: 'Możesz zamknąć to okno. Twórca aplikacji musi najpierw dodać ten adres.',
    },
    connection: {
      heading: 'Ten sposób logowania jest niedostępny.',
      message: 'Został wyłączony dla tej aplikacji.',
      advice: 'Wróć i wybierz inny sposób logowania.',
    },
    provider: {
      heading: 'Logowanie się nie powiodło.',
      message: 'Dostawca odpowiedział w sposób, którego nie można przyjąć.',
      advice: 'Wróć do aplikacji i wybierz inny sposób logowania. Jej twórca może zmienić połączenie.',
    },
    refused: {
      heading: 'Nie zalogowano.',
      message: 'Logowanie zakończyło się bez dostępu do aplikacji.',
      advice: 'Wróć do aplikacji i spróbuj ponownie albo zamknij to okno.',
    },
    signOut: {
      heading: 'Wylogowanie się nie powiodło.',
      message: 'Aplikacja poprosiła o coś, czego nie można zrobić.',
      advice: 'Możesz zamknąć to okno. Aby się wylogować, wróć do aplikacji i spróbuj ponownie.',
    },
    busy: {
      heading: 'W tej chwili to się nie udało.',
      message: 'Usługa jest przeciążona.',
      advice: 'Odczekaj chwilę, wróć do aplikacji i spróbuj ponownie.',
    },
    ours: {
      heading: 'To się nie udało.',
      message:
        'Coś zawiodło po naszej stronie. Osoby prowadzące tę usługę ustalą przyczynę na podstawie numeru śledzenia.',
      advice: 'Wróć do aplikacji i spróbuj ponownie. Jeśli to się powtórzy, powiadom jej twórcę.',
    },
  },
};
