/** Properties take the same examples against each mutant: whether one survives is not a matter of luck. */
import fc from "fast-check";

fc.configureGlobal({ seed: 6 });
