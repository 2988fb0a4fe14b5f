using Orleans.Concurrency;

namespace IotPlatform.Engine.Tests;

// Calls may interleave at every await; there is no state for them to disturb.
[Reentrant]
public sealed class ReentrantGrain(Board board) : Grain, IReentrantGrain
{
    public Task HoldAsync(string gate) => board.Gate(this.GetPrimaryKeyString(), gate).PassAsync();

    public Task PassAsync() => Task.CompletedTask;

    public Task CallSelfAsync() => GrainFactory.GetGrain<IReentrantGrain>(this.GetPrimaryKeyString()).PassAsync();
}
