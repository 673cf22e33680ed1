/**
 * Builds the container image without a container engine: {@code ./mvnw -Pimage verify -DskipTests}. Start at {@code ImageBuilder}.
 */
package io.nexus.oauth.image;
