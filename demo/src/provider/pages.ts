import type { Response } from 'express';
import { type Html, html } from '../pages/html.ts';
import { sendPage } from '../pages/shell.ts';
import { logos } from './logos.ts';
import { type Person, people } from './people.ts';
import type { Service } from './service.ts';

const markOf = (id: Service['id']): Html =>
  html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${logos[id].path}"/></svg>`;

const foot = 'A made-up streaming service. It stands in for a real one in the Portico demo.';
const brand = (service: Service): Html => html`<p class="brand">${markOf(service.id)}<span>${service.name}</span></p>`;

const accountRows = people.map(
  (person) =>
    html`<tr><td>${person.name}</td><td><code>${person.username}</code></td><td><code>${person.password}</code></td></tr>`,
);

type LoginPage = { readonly service: Service; readonly handle: string; readonly problem?: string };

export function sendLoginPage(response: Response, { service, handle, problem }: LoginPage): void {
  const alert = problem === undefined ? '' : html`<p class="alert" role="alert">${problem}</p>`;
  sendPage(response, problem === undefined ? 200 : 401, {
    title: `Sign in to ${service.name}`,
    theme: service.id,
    foot,
    main: html`<main class="card">
${brand(service)}
<h1>Sign in to ${service.name}</h1>
<p class="soft">${service.client.name} sent you here.</p>
${alert}
<form method="post" action="${service.loginPath}">
<input type="hidden" name="handle" value="${handle}">
<label>User name<input name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<button type="submit" id="sign-in">Sign in</button>
</form>
<table>
<caption>Accounts of this demo</caption>
<thead><tr><th scope="col">Name</th><th scope="col">User name</th><th scope="col">Password</th></tr></thead>
<tbody>${accountRows}</tbody>
</table>
</main>`,
  });
}

type ConsentPage = {
  readonly service: Service;
  readonly person: Person;
  readonly scopes: readonly string[];
  readonly handle: string;
};

export function sendConsentPage(response: Response, { service, person, scopes, handle }: ConsentPage): void {
  const lines = scopes.map((scope) => html`<li>${service.scopes[scope] ?? scope}</li>`);
  const wish =
    lines.length === 0
      ? html`<p>It will learn that you have an account here, and nothing else.</p>`
      : html`<p>It asks to:</p><ul class="scopes">${lines}</ul>`;
  sendPage(response, 200, {
    title: `Allow access to ${service.name}`,
    theme: service.id,
    foot,
    main: html`<main class="card">
${brand(service)}
<h1>Allow ${service.client.name} to use your account?</h1>
<p class="soft">You are signed in as ${person.name}.</p>
${wish}
<form method="post" action="${service.consentPath}">
<input type="hidden" name="handle" value="${handle}">
<div class="choices">
<button type="submit" id="deny" name="decision" value="deny" class="quiet">Deny</button>
<button type="submit" id="allow" name="decision" value="allow">Allow</button>
</div>
</form>
</main>`,
  });
}

export function sendErrorPage(response: Response, service: Service, what: string): void {
  sendPage(response, 400, {
    title: `${service.name}: this did not work`,
    theme: service.id,
    foot,
    main: html`<main class="card">
${brand(service)}
<h1>This did not work</h1>
<p>${what}</p>
<p class="soft">Go back to the application and start again.</p>
</main>`,
  });
}
