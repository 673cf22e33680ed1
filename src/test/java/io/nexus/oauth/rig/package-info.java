/**
 * The fault-injection rig: the packaged service as processes of its own, between a provider and a PostgreSQL that are killed, paused,
 * cut off and slowed down, and a judge that reads afterwards what each of them wrote down. The provider's log is the oracle.
 */
package io.nexus.oauth.rig;
