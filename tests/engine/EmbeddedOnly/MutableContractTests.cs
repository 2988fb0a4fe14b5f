namespace IotPlatform.Engine.Tests;

// Orleans copies what is mutable. The embedded engine copies nothing, and refuses what a copy would make a difference to.
[Collection(EngineCollection.Name)]
public sealed class MutableContractTests(EngineFixture engine) : EngineTest(engine)
{
    [Fact]
    public void GetGrain_OfAContractWithAMutableArgument_IsRefusedByName()
    {
        var exception = Assert.ThrowsAny<ArgumentException>(() => Grain<IMutableArgumentGrain>());

        Assert.Contains("IMutableArgumentGrain.TakeAsync", exception.Message, StringComparison.Ordinal);
        Assert.Contains("numbers", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetGrain_OfAContractWithAMutableResult_IsRefusedByName()
    {
        var exception = Assert.ThrowsAny<ArgumentException>(() => Grain<IMutableResultGrain>());

        Assert.Contains("IMutableResultGrain.GiveAsync", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CreateObjectReference_OfAContractWithAMutableArgument_IsRefusedByName()
    {
        var exception = Assert.ThrowsAny<ArgumentException>(() => Grains.CreateObjectReference<IMutableListener>(new MutableListener()));

        Assert.Contains("IMutableListener.TakeAsync", exception.Message, StringComparison.Ordinal);
    }

    public interface IMutableArgumentGrain : IGrainWithStringKey
    {
        Task TakeAsync(int[] numbers);
    }

    public interface IMutableResultGrain : IGrainWithStringKey
    {
        Task<List<string>> GiveAsync();
    }

    public interface IMutableListener : IGrainObserver
    {
        Task TakeAsync(byte[] payload);
    }

    private sealed class MutableListener : IMutableListener
    {
        public Task TakeAsync(byte[] payload) => Task.CompletedTask;
    }
}
