/**
 * Moves grants in and out of the service: the commands import and export, the sources of an import, name mapping, and
 * the export key.
 *
 * <p>The service's side is {@code rest.CredentialImport} and {@code rest.CredentialExportResource}. Must not: write a
 * token to a file unsealed.
 */
@NullMarked
package io.nexus.oauth.cli.transfer;

import org.jspecify.annotations.NullMarked;
