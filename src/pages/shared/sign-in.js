/**
 * Signing in, in the page.
 *
 * @import { Api } from "./api.js"
 * @import { Sessions } from "./session.js"
 */
import { Refused } from "./api.js";
import { button, element, field } from "./elements.js";

/** How a guest is called. */
export const GUEST = "a guest";

/**
 * A form to sign in, to make an account, and where that is enough, to go on as a guest.
 * @param {object} options
 * @param {Api} options.api
 * @param {Sessions} options.sessions
 * @param {boolean} options.guests whether guests will do
 * @param {() => void} options.onSignedIn
 * @returns {HTMLElement}
 */
export function signInForm({ api, sessions, guests, onSignedIn }) {
  const email = field("E-mail", { type: "email", name: "email", autocomplete: "email", required: true });
  const password = field("Password, 8 characters or more", {
    type: "password",
    name: "password",
    autocomplete: "current-password",
    minLength: 8,
    required: true,
  });
  const name = field("Your name, for a new account", { name: "name", autocomplete: "name" });
  const said = element("p", { role: "alert", className: "wrong" });

  /** @param {() => Promise<{ token: string, accountId: string, expiresAt: string }>} signIn @param {string} called */
  async function by(signIn, called) {
    said.textContent = "";
    try {
      const { token, accountId, expiresAt } = await signIn();
      sessions.keep({ token, accountId, expiresAt, name: called });
      onSignedIn();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      said.textContent = error.message;
    }
  }

  const known = () => ({ email: email.input.value.trim(), password: password.input.value });
  const signIn = () => by(() => api.ask("POST", "/sessions", { body: known() }), known().email);
  const register = () =>
    by(async () => {
      await api.ask("POST", "/accounts", { body: { ...known(), name: name.input.value.trim() || known().email } });
      return api.ask("POST", "/sessions", { body: known() });
    }, name.input.value.trim() || known().email);
  const asGuest = () => by(() => api.ask("POST", "/sessions/guest", {}), GUEST);

  const form = element("form", { className: "sign-in" }, email.label, password.label, name.label);
  /** @param {() => Promise<void>} act */
  const ifValid = (act) => async () => {
    if (form.reportValidity()) await act();
  };
  form.append(
    element(
      "p",
      { className: "buttons" },
      element("button", { type: "submit", className: "first" }, "Sign in"),
      button("Create an account", ifValid(register)),
      guests ? button("Go on as a guest", asGuest) : null,
    ),
    said,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void signIn();
  });
  return form;
}

/**
 * Who is signed in, and a way out.
 * @param {object} options
 * @param {Api} options.api
 * @param {Sessions} options.sessions
 * @param {() => void} options.onSignedOut
 * @returns {HTMLElement} nothing in it while nobody is
 */
export function whoIsIn({ api, sessions, onSignedOut }) {
  const session = sessions.current();
  if (session === null) return element("p", { className: "who" });
  const leave = async () => {
    await api.ask("DELETE", "/sessions/current").catch(() => undefined); // it is forgotten here in any case
    sessions.forget();
    onSignedOut();
  };
  return element("p", { className: "who" }, `Signed in as ${session.name} `, button("Sign out", leave));
}
