namespace IotPlatform.Fuzz;

/// <summary>A task that failed with nobody looking is a finding.</summary>
internal sealed class UnobservedExceptions : IDisposable
{
    private readonly Findings _findings;

    public UnobservedExceptions(Findings findings)
    {
        _findings = findings;
        TaskScheduler.UnobservedTaskException += Add;
    }

    public void Dispose() => TaskScheduler.UnobservedTaskException -= Add;

    private void Add(object? sender, UnobservedTaskExceptionEventArgs exception) => _findings.AddException("nobody saw", exception.Exception);
}
