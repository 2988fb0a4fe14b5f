namespace IotPlatform.Engine.Tests;

[Collection(EngineCollection.Name)]
public sealed class ContextTests(EngineFixture engine) : EngineTest(engine)
{
    [Fact]
    public async Task AsyncLocal_OfTheCaller_DoesNotReachTheCallee()
    {
        Ambient.Local.Value = "caller";

        Assert.Null(await Grain<IContextGrain>().AsyncLocalAsync());
        Assert.Null(await Grain<IContextGrain>().AsyncLocalAsync());
    }

    [Fact]
    public async Task RequestContext_OfTheCaller_ReachesTheCallee()
    {
        RequestContext.Set("name", "value");

        Assert.Equal("value", await Grain<IContextGrain>().RequestValueAsync("name"));
    }

    [Fact]
    public async Task RequestContext_OfTheCaller_ReachesTheCalleesCallee()
    {
        RequestContext.Set("name", "value");

        Assert.Equal("value", await Grain<IContextGrain>().RequestValueOfNextAsync(EngineFixture.NewKey(), "name"));
    }

    [Fact]
    public async Task RequestContext_SetByTheCallee_DoesNotComeBack()
    {
        RequestContext.Set("name", "caller");

        await Grain<IContextGrain>().SetRequestValueAsync("name", "callee");

        Assert.Equal("caller", RequestContext.Get("name"));
    }

    [Fact]
    public async Task RequestContext_SetInOneCall_IsGoneInTheNext()
    {
        await Grain<IContextGrain>().SetRequestValueAsync("name", "value");

        Assert.Null(await Grain<IContextGrain>().RequestValueAsync("name"));
    }

    [Fact]
    public async Task RequestContext_OfTheFirstCaller_ReachesOnActivate()
    {
        RequestContext.Set("name", "value");

        Assert.Equal("value", await Grain<IContextGrain>().RequestValueAtActivationAsync());
    }

    [Fact]
    public async Task RequestContext_OfACallThatMakesATimer_DoesNotReachItsTicks()
    {
        RequestContext.Set("name", "value");
        Ambient.Local.Value = "caller";

        await Grain<IContextGrain>().StartTimerAsync("name");

        await Journal.ReachesAsync("request value: none, local: none");
    }

    [Fact]
    public async Task RequestContext_OfTheCaller_ReachesAnObserver()
    {
        RequestContext.Set("name", "value");
        Ambient.Local.Value = "caller";
        var listener = new Listener(Board, Key);
        var reference = Grains.CreateObjectReference<IListener>(listener);

        Assert.Equal("request value: value, local: none", await reference.ContextAsync("name"));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task RequestContext_Removed_DoesNotReachTheCallee()
    {
        RequestContext.Set("name", "value");
        RequestContext.Remove("name");

        Assert.Null(await Grain<IContextGrain>().RequestValueAsync("name"));
    }
}
