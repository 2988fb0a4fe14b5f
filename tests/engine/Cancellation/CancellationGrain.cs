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

    public Task PassAsync()
    {
        Journal.Add("pass");
        return Task.CompletedTask;
    }
}
