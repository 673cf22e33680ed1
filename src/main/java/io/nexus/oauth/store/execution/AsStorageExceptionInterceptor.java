package io.nexus.oauth.store.execution;

import io.nexus.oauth.credential.StorageException;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.Priority;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;

/** Stands outside of the interceptors that open and close sessions, so that it sees their failures. */
@AsStorageException
@Interceptor
@Priority(Interceptor.Priority.PLATFORM_BEFORE)
class AsStorageExceptionInterceptor {

    @AroundInvoke
    Object translate(InvocationContext call) throws Exception {
        Object result = call.proceed();
        return result instanceof Uni<?> uni ? uni.onFailure().transform(StorageException::of) : result;
    }
}
