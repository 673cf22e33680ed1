package io.nexus.oauth.credential;

/**
 * The database did not do what was asked. It may have happened all the same: a statement whose answer was lost is not known to have
 * failed. Carries no SQL and no values.
 */
public final class StorageException extends RuntimeException {

    private StorageException(Throwable cause) {
        super("the database cannot be used: " + cause.getClass().getSimpleName(), cause);
    }

    /** {@code failure} as a storage failure, unless it is one already. */
    public static Throwable of(Throwable failure) {
        return failure instanceof StorageException ? failure : new StorageException(failure);
    }
}
