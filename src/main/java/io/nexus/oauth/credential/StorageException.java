package io.nexus.oauth.credential;

/**
 * The database, or the journal beside it, did not do what was asked. It may have happened all the same: a statement whose answer was
 * lost is not known to have failed. Carries no SQL and no values.
 */
public final class StorageException extends RuntimeException {

    private StorageException(String what, Throwable cause) {
        super(what + " cannot be used: " + cause.getClass().getSimpleName(), cause);
    }

    /** {@code failure} as a storage failure, unless it is one already. */
    public static Throwable of(Throwable failure) {
        return failure instanceof StorageException ? failure : new StorageException("the database", failure);
    }

    /** The disk did not take a journal record. */
    public static StorageException ofJournal(Throwable failure) {
        return failure instanceof StorageException known ? known : new StorageException("the journal", failure);
    }
}
