namespace IotPlatform.Engine.Tests;

public sealed class CancellationGrain(Board board) : Grain, ICancellationGrain
{
    private string Key => this.GetPrimaryKeyString();

    private Journal Journal => board.Journal(Key);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Journal.Add("starts");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Journal.Add("cancelled");
            throw;
        }
    }

    public async Task RunOnAsync(CancellationToken cancellationToken)
    {
        Journal.Add("starts");
        await board.Gate(Key).PassAsync();
        Journal.Add("ends");
    }

    public Task<bool> IsCancelledAsync(int value, CancellationToken cancellationToken) => Task.FromResult(cancellationToken.IsCancellationRequested);

    public Task RunOtherAsync(string otherKey, CancellationToken cancellationToken) =>
        GrainFactory.GetGrain<ICancellationGrain>(otherKey).RunAsync(cancellationToken);

    public async Task RunWithCallbackAsync(CancellationToken cancellationToken)
    {
        var told = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(() =>
        {
            Journal.Add("told");
            told.SetResult();
        });
        Journal.Add("starts");
        await told.Task;
    }

    public Task HoldThreadAsync()
    {
        board.Gate(Key, "thread").Pass();
        Journal.Add("thread let go");
        return Task.CompletedTask;
    }

    public Task PassAsync()
    {
        Journal.Add("pass");
        return Task.CompletedTask;
    }
}
