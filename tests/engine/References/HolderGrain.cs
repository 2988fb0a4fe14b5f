namespace IotPlatform.Engine.Tests;

public sealed class HolderGrain : Grain, IHolderGrain
{
    public Task<bool> IsSelfAsync(IHolderGrain reference) =>
        Task.FromResult(reference.Equals(GrainFactory.GetGrain<IHolderGrain>(this.GetPrimaryKeyString())));

    public Task<string> KeyOfAsync(ICallGrain reference) => reference.KeyAsync();

    public Task<ICallGrain> OtherAsync(string key) => Task.FromResult(GrainFactory.GetGrain<ICallGrain>(key));
}
