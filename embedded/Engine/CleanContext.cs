using System.Collections.Immutable;
using Orleans.Runtime;

namespace IotPlatform.Embedded;

/// <summary>An execution context without any async-local value: what a callee starts with, whoever called it.</summary>
internal static class CleanContext
{
    private static readonly ExecutionContext Clean = CaptureClean();

    /// <summary>Makes the current thread's execution context clean, but for what flows down a chain of calls.</summary>
    public static void Enter(ImmutableDictionary<string, object>? requestContext = null)
    {
        ExecutionContext.Restore(Clean);
        if (requestContext is not null)
        {
            RequestContext.Current = requestContext;
        }
    }

    private static ExecutionContext CaptureClean()
    {
        ExecutionContext? captured = null;
        var thread = new Thread(() => captured = ExecutionContext.Capture());

        // "Unsafe" is the variant that carries nothing over from the thread that starts it.
        thread.UnsafeStart();
        thread.Join();
        return captured!;
    }
}
