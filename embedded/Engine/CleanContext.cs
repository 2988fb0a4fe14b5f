namespace IotPlatform.Embedded;

/// <summary>An execution context without any async-local value: what a callee starts with, whoever called it.</summary>
internal static class CleanContext
{
    private static readonly ExecutionContext Clean = CaptureClean();

    /// <summary>Makes the current thread's execution context clean.</summary>
    public static void Enter() => ExecutionContext.Restore(Clean);

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
