/**
 * The element that a page's HTML has under this id.
 * @template {Element} Kind
 * @param {string} id
 * @param {new () => Kind} kind e.g. `HTMLFormElement`
 * @returns {Kind}
 * @throws {Error} the page has none of this kind
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

/**
 * A new element, e.g. `element("button", { type: "button", onclick: pay }, "Pay")`. Text is text: none of it is read as
 * HTML, whoever wrote it.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} [properties]
 * @param {...(Node | string | null)} children null: nothing
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/**
 * A line of a form: a label around its input.
 * @param {string} label
 * @param {Partial<HTMLInputElement>} properties
 * @returns {{ label: HTMLLabelElement, input: HTMLInputElement }}
 */
export function field(label, properties) {
  const input = element("input", properties);
  return { label: element("label", { className: "field" }, element("span", {}, label), input), input };
}

/**
 * A button that is off while what it began is going on.
 * @param {string} label
 * @param {() => Promise<void> | void} act it says itself what went wrong
 * @param {Partial<HTMLButtonElement>} [properties]
 * @returns {HTMLButtonElement}
 */
export function button(label, act, properties = {}) {
  const made = element("button", { type: "button", ...properties }, label);
  made.addEventListener("click", async () => {
    made.disabled = true;
    try {
      await act();
    } finally {
      made.disabled = false;
    }
  });
  return made;
}
