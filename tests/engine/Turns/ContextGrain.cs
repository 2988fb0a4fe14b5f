namespace IotPlatform.Engine.Tests;

public sealed class ContextGrain(Board board) : Grain, IContextGrain
{
    private string? _atActivation;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _atActivation = RequestContext.Get("name") as string;
        return Task.CompletedTask;
    }

    public Task<string?> RequestValueAtActivationAsync() => Task.FromResult(_atActivation);

    public Task StartTimerAsync(string name)
    {
        var journal = board.Journal(this.GetPrimaryKeyString());
        this.RegisterGrainTimer(
            () =>
            {
                journal.Add($"request value: {RequestContext.Get(name) ?? "none"}, local: {Ambient.Local.Value ?? "none"}");
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = Timeout.InfiniteTimeSpan });
        return Task.CompletedTask;
    }

    public Task<string?> AsyncLocalAsync() => Task.FromResult(Ambient.Local.Value);

    public Task<string?> RequestValueAsync(string name) => Task.FromResult(RequestContext.Get(name) as string);

    public Task<string?> RequestValueOfNextAsync(string nextKey, string name) => GrainFactory.GetGrain<IContextGrain>(nextKey).RequestValueAsync(name);

    public Task SetRequestValueAsync(string name, string value)
    {
        RequestContext.Set(name, value);
        return Task.CompletedTask;
    }
}
