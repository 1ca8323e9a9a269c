/** Served from node_modules, see `src/api/pages/packages.ts`. */
export { default } from "uplot";
