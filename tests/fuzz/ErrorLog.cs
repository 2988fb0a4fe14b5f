using Microsoft.Extensions.Logging;

namespace IotPlatform.Fuzz;

/// <summary>Whatever is logged at Error is a finding: a client's fault is none of ours.</summary>
internal sealed class ErrorLog(Findings findings) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Category(categoryName, findings);

    public void Dispose()
    {
    }

    private sealed class Category(string name, Findings findings) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                findings.AddException($"{name} logged {eventId.Id} \"{formatter(state, exception)}\"", exception);
            }
        }
    }
}
