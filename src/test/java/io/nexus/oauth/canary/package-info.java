/** Looks for secrets where none may be, after the packaged service has lived a whole life on secrets that are easy to find. */
package io.nexus.oauth.canary;
