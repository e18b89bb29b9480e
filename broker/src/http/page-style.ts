/**
 * The colours of the brand. `edge` is the line around a control, which must reach 3:1 where `line` need not; `tint` is
 * what a control under the pointer has; `rim` is around a button whose own
 * colour does not stand out; `around` and `stone` stand on the page's ground, outside the card.
 */
export const lightColours = {
  ground: '#f6f4ef',
  surface: '#ffffff',
  line: '#dcd8ce',
  edge: '#888d99',
  ink: '#1b1f2a',
  soft: '#565d6e',
  accent: '#2f4bce',
  button: '#2f4bce',
  rim: '#2f4bce',
  press: '#2c45b9',
  on: '#ffffff',
  tint: '#f6f4ef',
  around: '#565d6e',
  stone: '#2f4bce',
  lit: '#c98a2b',
} as const;

export const darkColours: { readonly [name in keyof typeof lightColours]: string } = {
  ground: '#12141b',
  surface: '#1b1f2a',
  line: '#333a4d',
  edge: '#6f778b',
  ink: '#eef0f6',
  soft: '#a9b0c2',
  accent: '#93a5ff',
  button: '#93a5ff',
  rim: '#93a5ff',
  press: '#a0b0ff',
  on: '#12141b',
  tint: '#12141b',
  around: '#a9b0c2',
  stone: '#93a5ff',
  lit: '#e3ae5d',
};

/** As custom properties. */
export const variables = (colours: Readonly<Record<string, string>>): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');

const rules = `
:root{color-scheme:light dark;${variables(lightColours)}}
@media (prefers-color-scheme:dark){:root{${variables(darkColours)}}}
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;padding:16px;display:flex;flex-direction:column;align-items:center;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
body::before{content:"";flex:1 1 0}
main{width:100%;max-width:416px;padding:24px;background:var(--surface);border:1px solid var(--line);border-radius:10px;box-shadow:0 8px 24px #12141b14}
main>*{margin:0}
main>*+*{margin-top:16px}
h1{font-size:20px;line-height:28px;font-weight:650;text-wrap:balance}
main>h1+p{margin-top:8px}
main>*+.ways{margin-top:24px}
.tile+h1{margin-top:16px}
:lang(ja){word-break:auto-phrase}
.soft{color:var(--soft)}
.small,small{font-size:14px}
a{color:var(--accent);text-underline-offset:3px}
.ways{display:grid;gap:8px}
button,.button{display:flex;align-items:center;justify-content:center;width:100%;min-height:48px;padding:8px 16px;border:1px solid var(--rim);border-radius:8px;background:var(--button);color:var(--on);font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer;transition:background-color .12s,border-color .12s}
button:hover,.button:hover{background:var(--press)}
.plain{background:transparent;border-color:var(--edge);color:var(--ink)}
.plain:hover{background:var(--tint)}
.way{justify-content:flex-start;gap:12px;min-height:58px;padding:6px 12px;background:var(--surface);border-color:var(--edge);color:var(--ink);font-weight:500;text-align:start}
.way:hover{background:var(--tint);border-color:var(--accent)}
.name{flex:1;min-width:0}
.used{display:block;color:var(--soft);font-size:14px;line-height:20px;font-weight:400}
.tile{position:relative;flex:none;display:block;width:28px;height:28px;border-radius:6px;background:#fff;box-shadow:inset 0 0 0 1px var(--line);overflow:hidden;color:#1b1f2a;font-size:14px;line-height:28px;font-weight:600;text-align:center}
.tile img{position:absolute;inset:0;width:100%;height:100%;padding:4px;object-fit:contain}
.tile img::after{content:attr(data-initial);position:absolute;inset:0;display:grid;place-items:center;background:#fff}
.tile.large{width:56px;height:56px;border-radius:10px;font-size:20px;line-height:56px}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
details{border-top:1px solid var(--line)}
main>details{margin-top:24px;margin-bottom:-12px}
summary{min-height:44px;padding:10px 0;color:var(--soft);font-size:14px;line-height:24px;cursor:pointer;border-radius:8px}
dl{margin:0;padding-bottom:12px;font-size:14px}
dt{color:var(--soft)}
dd{margin:0 0 8px}
code{font:14px/1.5 ui-monospace,monospace;direction:ltr;unicode-bidi:isolate}
.scopes{padding-inline-start:20px}
.scopes li+li{margin-top:4px}
.choice{display:grid;gap:8px}
label{font-size:14px;color:var(--soft)}
input[type=text]{width:100%;min-height:48px;padding:8px 12px;border:1px solid var(--edge);border-radius:8px;background:var(--surface);color:var(--ink);font:20px/28px ui-monospace,monospace;letter-spacing:.1em;text-align:center;text-transform:uppercase}
.user-code{text-align:center}
.user-code code{font-size:24px;line-height:32px;letter-spacing:.1em}
footer{flex:1 1 0;width:100%;max-width:416px;display:flex;align-items:flex-start;justify-content:space-between;gap:16px;padding:8px 24px 0;color:var(--around);font-size:14px}
footer a{color:inherit}
footer>*{display:inline-flex;align-items:center;gap:8px;min-height:44px}
.stone{fill:var(--stone)}
.lit{fill:var(--lit)}
@media (min-width:640px){main{padding:40px}h1{font-size:28px;line-height:36px}.way{min-height:48px}.name{display:flex;align-items:center;gap:12px}.name>:first-child{flex:1;min-width:0}footer{padding:8px 40px 0}}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media (forced-colors:active){.tile{forced-color-adjust:none}}
`;

/** One constant text for every hosted page, allowed by its hash. */
export const pageStyle = rules.trim().replaceAll('\n', '');
