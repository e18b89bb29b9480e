import type { Words } from './words.ts';

export const pt: Words = {
  signInTo: 'Entrar em {client}',
  signUpFor: 'Criar conta em {client}',
  continueWith: 'Continuar com {connection}',
  lastUsed: 'Último usado',
  noWayIn: 'Ainda não é possível entrar aqui. Fale com os responsáveis pela aplicação; você pode fechar esta janela.',
  getHelp: 'Obter ajuda',

  signingInTo: 'Entrando em {client}',
  forDeveloper: 'Para quem desenvolve a aplicação',
  error: 'Erro',
  traceId: 'Número de rastreio',
  attempt: 'Tentativa',
  openAttempt: 'Abrir a tentativa',
  backTo: 'Voltar para {client}',
  backToApplication: 'Voltar para a aplicação',

  goingTo: 'Indo para {name}',
  continueYourself: 'Se nada acontecer, continue por conta própria.',
  continue: 'Continuar',
  returning: 'Voltando para a aplicação',
  windowStaysOpen:
    'Se esta janela continuar aberta, feche-a e olhe na aplicação. Se você não tiver entrado, tente de novo a partir dela.',

  wantsAccess: '{client} pede acesso à sua conta',
  signedInAs: 'Você entrou como {person}.',
  willBeAble: 'Se você permitir, {client} poderá:',
  inApi: 'Em {api}:',
  scopeOpenid: 'Saber que é você',
  scopeProfile: 'Ver seu nome e sua foto',
  scopeEmail: 'Ver seu endereço de e-mail',
  scopeOfflineAccess: 'Manter o acesso quando você não estiver presente',
  scopeUserMetadata: 'Ver as preferências guardadas com sua conta',
  allow: 'Permitir',
  decline: 'Recusar',
  continueTo: 'Continuar para {client}?',
  unproven:
    'Uma aplicação no seu próprio dispositivo quer iniciar sua sessão. Ninguém pode provar que é mesmo {client}; continue apenas se você acabou de abri-la.',

  signOutQuestion: 'Sair?',
  asksToSignOut: '{client} pede que você saia',
  willBeSignedOut: 'Você sairá de {tenant}, e suas aplicações poderão pedir que você entre novamente.',
  signOut: 'Sair',
  didNotAsk: 'Se você não pediu isso, feche esta janela. Sua sessão continua aberta.',
  signedOut: 'Você saiu',
  afterSignOut:
    'Você pode fechar esta janela. Em um dispositivo usado por outras pessoas, feche o navegador inteiro: os provedores com que você entrou talvez ainda o reconheçam.',

  connectDevice: 'Conectar um dispositivo',
  enterCode: 'Digite o código que seu dispositivo mostra.',
  code: 'Código',
  codeNotKnown: 'Este código está errado ou é antigo demais. Olhe seu dispositivo e digite o código de novo.',
  confirmDevice: 'É este o código no seu dispositivo?',
  onlyYourDevice:
    'Confirme apenas se foi você quem começou isto e se o dispositivo à sua frente mostra o mesmo código.',
  confirm: 'Confirmar',
  cancel: 'Cancelar',
  deviceConnected: 'Seu dispositivo está conectado',
  deviceNotConnected: 'Seu dispositivo não foi conectado',
  backToDevice: 'Você pode fechar esta janela e voltar ao seu dispositivo.',

  errors: {
    request: {
      heading: 'Não foi possível entrar.',
      message: 'A aplicação pediu algo que não é possível.',
      advice: 'Volte para a aplicação e tente de novo. Se acontecer outra vez, avise quem a desenvolve.',
    },
    lost: {
      heading: 'Esta entrada não pode mais ser concluída.',
      message:
        'Talvez você tenha usado o botão Voltar, recarregado a página ou aberto várias entradas ao mesmo tempo, ou o navegador não guardou os cookies.',
      advice: 'Volte para a aplicação e entre de novo.',
    },
    callback: {
      heading: 'Este endereço de retorno não é permitido.',
      message: 'A aplicação quer voltar para um endereço que não está na sua lista de URLs de retorno.',
      advice: 'Você pode fechar esta janela. Quem desenvolve a aplicação precisa primeiro incluir o endereço.',
    },
    connection: {
      heading: 'Esta forma de entrar não está disponível.',
      message: 'Ela foi desativada para esta aplicação.',
      advice: 'Volte e escolha outra forma de entrar.',
    },
    provider: {
      heading: 'Não foi possível entrar.',
      message: 'O provedor respondeu de uma forma que não pode ser aceita.',
      advice: 'Volte para a aplicação e escolha outra forma de entrar. Quem a desenvolve pode alterar a conexão.',
    },
    refused: {
      heading: 'Você não entrou.',
      message: 'A tentativa terminou sem acesso à aplicação.',
      advice: 'Volte para a aplicação e tente de novo, ou feche esta janela.',
    },
    signOut: {
      heading: 'Não foi possível sair.',
      message: 'A aplicação pediu algo que não é possível.',
      advice: 'Você pode fechar esta janela. Para sair, volte para a aplicação e tente de novo.',
    },
    busy: {
      heading: 'Não funcionou neste momento.',
      message: 'O serviço está sobrecarregado.',
      advice: 'Espere um momento, volte para a aplicação e tente de novo.',
    },
    ours: {
      heading: 'Não funcionou.',
      message:
        'Algo falhou do nosso lado. Os responsáveis por este serviço podem descobrir o quê com o número de rastreio.',
      advice: 'Volte para a aplicação e tente de novo. Se acontecer outra vez, avise quem a desenvolve.',
    },
  },
};
