import type { Words } from './words.ts';

export const ja: Words = {
  signInTo: '{client} にログイン',
  signUpFor: '{client} に登録',
  continueWith: '{connection} で続ける',
  lastUsed: '前回使用',
  noWayIn:
    'ここではまだログインできません。アプリケーションの運営者にお問い合わせください。このウィンドウは閉じてかまいません。',
  getHelp: 'ヘルプ',

  signingInTo: '{client} へのログイン',
  forDeveloper: 'アプリケーションの開発者の方へ',
  error: 'エラー',
  traceId: '追跡番号',
  attempt: '試行',
  openAttempt: '試行を開く',
  backTo: '{client} に戻る',
  backToApplication: 'アプリケーションに戻る',

  goingTo: '{name} に移動しています',
  continueYourself: '画面が変わらない場合は、ボタンを押して進んでください。',
  continue: '続ける',
  returning: 'アプリケーションに戻っています',
  windowStaysOpen:
    'このウィンドウが開いたままの場合は、閉じてアプリケーションを確認してください。ログインできていない場合は、アプリケーションからもう一度お試しください。',

  wantsAccess: '{client} がアカウントへのアクセスを求めています',
  signedInAs: '{person} としてログインしています。',
  willBeAble: '許可すると、{client} は次のことができます。',
  inApi: '{api}：',
  scopeOpenid: 'あなたであることを確認する',
  scopeProfile: '名前と写真を見る',
  scopeEmail: 'メールアドレスを見る',
  scopeOfflineAccess: '不在の間もアクセスを続ける',
  scopeUserMetadata: 'アカウントに保存された設定を見る',
  allow: '許可する',
  decline: '許可しない',
  continueTo: '{client} に進みますか？',
  unproven:
    'お使いの端末上のアプリケーションがログインを求めています。本当に {client} であるかは確認できません。ご自身で起動した直後の場合だけ続けてください。',

  signOutQuestion: 'ログアウトしますか？',
  asksToSignOut: '{client} がログアウトを求めています',
  willBeSignedOut: '{tenant} からログアウトします。アプリケーションで再びログインが必要になることがあります。',
  signOut: 'ログアウト',
  didNotAsk: '心当たりがない場合は、このウィンドウを閉じてください。ログインしたままになります。',
  signedOut: 'ログアウトしました',
  afterSignOut:
    'このウィンドウは閉じてかまいません。ほかの人も使う端末では、ブラウザー全体を閉じてください。ログインに使ったプロバイダーには、まだログインしたままのことがあります。',

  connectDevice: 'デバイスを接続',
  enterCode: 'デバイスに表示されているコードを入力してください。',
  code: 'コード',
  codeNotKnown: 'コードが間違っているか、古すぎます。デバイスを確認して、もう一度入力してください。',
  confirmDevice: 'デバイスのコードはこれですか？',
  onlyYourDevice: 'ご自身で始めた操作で、目の前のデバイスに同じコードが表示されている場合だけ確認してください。',
  confirm: '確認',
  cancel: 'キャンセル',
  deviceConnected: 'デバイスを接続しました',
  deviceNotConnected: 'デバイスは接続されませんでした',
  backToDevice: 'このウィンドウを閉じて、デバイスに戻ってください。',

  errors: {
    request: {
      heading: 'ログインできませんでした。',
      message: 'アプリケーションの要求を処理できません。',
      advice: 'アプリケーションに戻って、もう一度お試しください。繰り返す場合は、開発者にお知らせください。',
    },
    lost: {
      heading: 'このログインはもう完了できません。',
      message:
        '「戻る」ボタンを押した、ページを再読み込みした、複数のログイン画面を開いた、またはブラウザーに Cookie が残っていない可能性があります。',
      advice: 'アプリケーションに戻って、もう一度ログインしてください。',
    },
    callback: {
      heading: 'この戻り先は許可されていません。',
      message: 'アプリケーションが戻ろうとしているアドレスは、許可されたコールバック URL の一覧にありません。',
      advice: 'このウィンドウは閉じてかまいません。先に開発者がアドレスを登録する必要があります。',
    },
    connection: {
      heading: 'このログイン方法は利用できません。',
      message: 'このアプリケーションでは無効になっています。',
      advice: '前の画面に戻って、別の方法を選んでください。',
    },
    provider: {
      heading: 'ログインできませんでした。',
      message: 'プロバイダーの応答を受け付けられません。',
      advice: 'アプリケーションに戻って、別のログイン方法を選んでください。接続の設定は開発者が変更できます。',
    },
    refused: {
      heading: 'ログインしていません。',
      message: 'アプリケーションを利用できないまま、ログインが終了しました。',
      advice: 'アプリケーションに戻ってもう一度試すか、このウィンドウを閉じてください。',
    },
    signOut: {
      heading: 'ログアウトできませんでした。',
      message: 'アプリケーションの要求を処理できません。',
      advice:
        'このウィンドウは閉じてかまいません。ログアウトするには、アプリケーションに戻ってもう一度お試しください。',
    },
    busy: {
      heading: '現在、処理できません。',
      message: 'サービスが混み合っています。',
      advice: '少し待ってから、アプリケーションに戻ってもう一度お試しください。',
    },
    ours: {
      heading: '処理できませんでした。',
      message: 'こちら側で問題が発生しました。サービスの運営者は追跡番号で原因を調べられます。',
      advice: 'アプリケーションに戻って、もう一度お試しください。繰り返す場合は、開発者にお知らせください。',
    },
  },
};
