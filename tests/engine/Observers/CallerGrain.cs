namespace IotPlatform.Engine.Tests;

public sealed class CallerGrain : Grain, ICallerGrain
{
    private IListener? _kept;

    public Task<int> DoubleAsync(IListener listener, int value) => listener.DoubleAsync(value);

    public Task EnterManyAsync(IListener listener, int calls) => Task.WhenAll(Enumerable.Range(0, calls).Select(listener.EnterAsync));

    public Task HoldBothAsync(IListener first, IListener second, string gate) => Task.WhenAll(first.HoldAsync(gate), second.HoldAsync(gate));

    public Task HoldAsync(IListener listener, string gate) => listener.HoldAsync(gate);

    public Task RunAsync(IListener listener, CancellationToken cancellationToken) => listener.RunAsync(cancellationToken);

    public async Task<string> FailureAsync(IListener listener, string message)
    {
        try
        {
            await listener.FailAsync(message);
            return "none";
        }
        catch (InvalidOperationException exception)
        {
            return exception.Message;
        }
    }

    public Task KeepAsync(IListener listener)
    {
        _kept = listener;
        return Task.CompletedTask;
    }

    public Task<int> DoubleByKeptAsync(int value) => _kept!.DoubleAsync(value);

    public Task<bool> IsKeptAsync(IListener listener) => Task.FromResult(listener.Equals(_kept));
}
