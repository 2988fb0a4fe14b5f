namespace IotPlatform.Engine.Tests;

public sealed class ContextGrain : Grain, IContextGrain
{
    public Task<string?> AsyncLocalAsync() => Task.FromResult(Ambient.Local.Value);

    public Task<string?> RequestValueAsync(string name) => Task.FromResult(RequestContext.Get(name) as string);

    public Task<string?> RequestValueOfNextAsync(string nextKey, string name) => GrainFactory.GetGrain<IContextGrain>(nextKey).RequestValueAsync(name);

    public Task SetRequestValueAsync(string name, string value)
    {
        RequestContext.Set(name, value);
        return Task.CompletedTask;
    }
}
