export { type ClaimKey, takeClaim, withClaim, withoutClaim } from "./context/claim.ts";
