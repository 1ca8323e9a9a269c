import { plainPage } from "../conventions/plain-page.ts";

/** Nothing of this page goes anywhere else: its address is a secret for an hour. */
export const RESET_PAGE_HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
} as const;

/**
 * Where the link in a mail leads. It is the same for every token and looks at none: programs that open links before their
 * reader does use nothing up.
 */
export const RESET_PAGE = plainPage({
  title: "Choose a new password",
  widthRem: 26,
  style: "input,button{font:inherit;padding:.4rem;width:100%;box-sizing:border-box;margin:.3rem 0}",
  body: `<h1>Choose a new password</h1>
<form><label>New password, 8 characters or more
<input name="password" type="password" autocomplete="new-password" minlength="8" maxlength="200" required></label>
<button>Change it</button></form>
<p role="status"></p><script src="page.js"></script>`,
});

export const RESET_SCRIPT = `const form = document.querySelector("form");
const status = document.querySelector("[role=status]");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  form.querySelector("button").disabled = true;
  try {
    const reply = await fetch(location.pathname, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ password: form.elements.password.value }),
    });
    if (reply.ok) {
      form.hidden = true;
      status.textContent = "Your password is changed, and you are signed out everywhere. Sign in with the new one.";
    } else status.textContent = (await reply.json()).detail;
  } catch {
    status.textContent = "That did not get through. Try again.";
  }
  form.querySelector("button").disabled = false;
});
`;
