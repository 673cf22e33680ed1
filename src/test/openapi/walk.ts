// As Walk.java: walk.js <address> <file of the key> <consent>
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Configuration, ConnectApi, CredentialsApi, ResponseError, TokensApi } from "./client/src";

function check(right: boolean, found: unknown): void {
  if (!right) {
    throw new Error(JSON.stringify(found));
  }
}

async function walk(address: string, keyFile: string, consent: string): Promise<void> {
  const key = readFileSync(keyFile, "utf8").trim();
  const configuration = new Configuration({ basePath: address, apiKey: key, headers: { "X-API-Key": key } });
  const connect = new ConnectApi(configuration);
  const credentials = new CredentialsApi(configuration);
  const tokens = new TokensApi(configuration);
  const account = { provider: "sandbox", user: "typescript@example.com" };

  const created = await connect.createConnectSession({ connectSessionRequest: account });
  execFileSync(consent, [created.url!], { stdio: "inherit" });
  const session = await connect.getConnectSession({ id: created.id });
  check(session.status === "connected", session);

  const first = await tokens.getToken({ ...account, minTtl: 30, maxWait: 10 });
  check(first.credentialId === session.credentialId && first.expiresIn! > 30, first);
  const second = await tokens.reportRejectedToken({
    id: first.credentialId,
    rejectionRequest: { version: first.version },
  });
  check(second.version > first.version && second.accessToken !== first.accessToken, "the token is new");

  const listed = await credentials.listCredentials({ ...account, status: "active", limit: 10 });
  check(listed.items.length === 1, listed);
  const revoked = await credentials.revokeCredential({ id: first.credentialId });
  check(revoked.atProvider === "revoked", revoked);
  try {
    await tokens.getToken(account);
    check(false, "a revoked credential has no token");
  } catch (e) {
    check(e instanceof ResponseError && e.response.status === 410, String(e));
    const problem = await (e as ResponseError).response.json();
    check(problem.type === "urn:nexus-oauth:problem:credential-revoked", problem);
  }
  console.log("typescript: done");
}

walk(process.argv[2], process.argv[3], process.argv[4]).catch((e) => {
  console.error(e);
  process.exit(1);
});
