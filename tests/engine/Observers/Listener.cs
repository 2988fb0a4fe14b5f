using System.Globalization;

namespace IotPlatform.Engine.Tests;

/// <summary>An observer; tests keep it alive, for engines hold it weakly.</summary>
public sealed class Listener(Board board, string key) : IListener
{
    public Task<int> DoubleAsync(int value) => Task.FromResult(2 * value);

    public Task HoldAsync(string gate) => board.Gate(key, gate).PassAsync();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        board.Journal(key).Add("starts");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            board.Journal(key).Add("cancelled");
            throw;
        }
    }

    public async Task EnterAsync(int number)
    {
        var meter = board.Meter(key);
        meter.Enter();
        await Task.Yield();
        board.Journal(key).Add(number.ToString(CultureInfo.InvariantCulture));
        await Task.Yield();
        meter.Exit();
    }

    public Task PassInterleavingAsync() => Task.CompletedTask;

    public Task<string> ContextAsync(string name) =>
        Task.FromResult($"request value: {RequestContext.Get(name) ?? "none"}, local: {Ambient.Local.Value ?? "none"}");

    public Task FailAsync(string message) => throw new InvalidOperationException(message);
}
