import type { Words } from './words.ts';

export const es: Words = {
  signInTo: 'Iniciar sesión en {client}',
  signUpFor: 'Registrarse en {client}',
  continueWith: 'Continuar con {connection}',
  lastUsed: 'Último utilizado',
  noWayIn:
    'Todavía no se puede iniciar sesión aquí. Pregunte a los responsables de la aplicación; puede cerrar esta ventana.',
  getHelp: 'Obtener ayuda',

  signingInTo: 'Inicio de sesión en {client}',
  forDeveloper: 'Para el desarrollador de la aplicación',
  error: 'Código de error',
  traceId: 'Número de seguimiento',
  attempt: 'Intento',
  openAttempt: 'Abrir el intento',
  backTo: 'Volver a {client}',
  backToApplication: 'Volver a la aplicación',

  goingTo: 'Redirigiendo a {name}',
  continueYourself: 'Si no ocurre nada, continúe usted mismo.',
  continue: 'Continuar',
  returning: 'Volviendo a la aplicación',
  windowStaysOpen:
    'Si esta ventana sigue abierta, ciérrela y mire en la aplicación. Si no ha iniciado sesión allí, inténtelo de nuevo desde ella.',

  wantsAccess: '{client} solicita acceso a su cuenta',
  signedInAs: 'Ha iniciado sesión como {person}.',
  willBeAble: 'Si lo permite, {client} podrá:',
  inApi: 'En {api}:',
  scopeOpenid: 'Saber que es usted',
  scopeProfile: 'Ver su nombre y su foto',
  scopeEmail: 'Ver su correo electrónico',
  scopeOfflineAccess: 'Mantener el acceso cuando usted no esté',
  scopeUserMetadata: 'Ver las preferencias guardadas con su cuenta',
  allow: 'Permitir',
  decline: 'Rechazar',
  continueTo: '¿Continuar a {client}?',
  unproven:
    'Una aplicación de su propio dispositivo quiere iniciar su sesión. Nadie puede demostrar que sea realmente {client}; continúe solo si acaba de abrirla.',

  signOutQuestion: '¿Cerrar sesión?',
  asksToSignOut: '{client} le pide que cierre sesión',
  willBeSignedOut: 'Se cerrará su sesión en {tenant}, y sus aplicaciones podrían pedirle que inicie sesión otra vez.',
  signOut: 'Cerrar sesión',
  didNotAsk: 'Si no lo ha pedido, cierre esta ventana. Su sesión seguirá abierta.',
  signedOut: 'Ha cerrado la sesión',
  afterSignOut:
    'Puede cerrar esta ventana. En un dispositivo compartido, cierre todo el navegador: los proveedores con los que inició sesión quizá aún le reconozcan.',

  connectDevice: 'Conectar un dispositivo',
  enterCode: 'Introduzca el código que muestra su dispositivo.',
  code: 'Código',
  codeNotKnown: 'Este código es incorrecto o demasiado antiguo. Mire su dispositivo e introdúzcalo de nuevo.',
  confirmDevice: '¿Es este el código de su dispositivo?',
  onlyYourDevice:
    'Confirme solo si lo ha iniciado usted mismo y el dispositivo que tiene delante muestra el mismo código.',
  confirm: 'Confirmar',
  cancel: 'Cancelar',
  deviceConnected: 'Su dispositivo está conectado',
  deviceNotConnected: 'Su dispositivo no se ha conectado',
  backToDevice: 'Puede cerrar esta ventana y volver a su dispositivo.',

  errors: {
    request: {
      heading: 'El inicio de sesión no ha funcionado.',
      message: 'La aplicación ha pedido algo que no es posible.',
      advice: 'Vuelva a la aplicación e inténtelo de nuevo. Si ocurre otra vez, avise a su desarrollador.',
    },
    lost: {
      heading: 'Este inicio de sesión ya no se puede completar.',
      message:
        'Quizá haya usado el botón Atrás, recargado la página o abierto varios inicios de sesión a la vez, o el navegador no ha conservado las cookies.',
      advice: 'Vuelva a la aplicación e inicie sesión de nuevo.',
    },
    callback: {
      heading: 'Esta dirección de retorno no está permitida.',
      message: 'La aplicación quiere volver a una dirección que no está en su lista de URL de retorno permitidas.',
      advice: 'Puede cerrar esta ventana. El desarrollador de la aplicación debe añadir antes la dirección.',
    },
    connection: {
      heading: 'Esta forma de iniciar sesión no está disponible.',
      message: 'Se ha desactivado para esta aplicación.',
      advice: 'Vuelva atrás y elija otra forma de iniciar sesión.',
    },
    provider: {
      heading: 'El inicio de sesión no ha funcionado.',
      message: 'El proveedor ha respondido de una forma que no se puede aceptar.',
      advice:
        'Vuelva a la aplicación y elija otra forma de iniciar sesión. Su desarrollador puede cambiar la conexión.',
    },
    refused: {
      heading: 'No se ha iniciado la sesión.',
      message: 'El inicio de sesión ha terminado sin acceso a la aplicación.',
      advice: 'Vuelva a la aplicación e inténtelo de nuevo, o cierre esta ventana.',
    },
    signOut: {
      heading: 'El cierre de sesión no ha funcionado.',
      message: 'La aplicación ha pedido algo que no es posible.',
      advice: 'Puede cerrar esta ventana. Para cerrar la sesión, vuelva a la aplicación e inténtelo de nuevo.',
    },
    busy: {
      heading: 'Ahora mismo no ha funcionado.',
      message: 'El servicio está saturado.',
      advice: 'Espere un momento, vuelva a la aplicación e inténtelo de nuevo.',
    },
    ours: {
      heading: 'No ha funcionado.',
      message:
        'Algo ha fallado por nuestra parte. Los responsables de este servicio pueden averiguar qué con el número de seguimiento.',
      advice: 'Vuelva a la aplicación e inténtelo de nuevo. Si ocurre otra vez, avise a su desarrollador.',
    },
  },
};
