import { LigaseError } from "../../kernel/index.ts";

/** There is no deployment of this id. */
export function noDeployment(id: string): LigaseError {
  return new LigaseError("LIGASE_E_NO_DEPLOYMENT", `there is no deployment ${id}`, {
    facts: { deployment: id },
    mend: "ligase deployment ls lists them",
  });
}

/** Nothing of an app is live. */
export function noApp(app: string, apps: readonly string[]): LigaseError {
  return new LigaseError("LIGASE_E_NO_DEPLOYMENT", `no app ${app} is deployed`, {
    facts: { app, apps },
    mend: instead(apps),
  });
}

/** There is no endpoint of this name. */
export function noEndpoint(endpoint: string, names: readonly string[]): LigaseError {
  return new LigaseError("LIGASE_E_NO_ENDPOINT", `there is no endpoint ${endpoint}`, {
    facts: { endpoint },
    mend: instead(names),
  });
}

function instead(names: readonly string[]): string {
  return names.length > 0 ? `there are ${names.join(", ")}` : "ligase deploy app.ts deploys one";
}
