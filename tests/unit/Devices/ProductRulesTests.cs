using IotPlatform.Devices;
using IotPlatform.Products;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Options;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>A product's rules are read seldom, and nobody waits for that but the first.</summary>
public sealed class ProductRulesTests
{
    private readonly MemoryRegistryStore _registry = new();
    private readonly ManualTime _time = new();
    private readonly ProductRules _rules;

    public ProductRulesTests()
    {
        _rules = new ProductRules(_registry, Options.Create(new DeviceMessageOptions()), _time);
        _registry.Add(new ProductView("p", "", true, false, _time.GetUtcNow(), [], MessagePolicy.Default with { OpenMax = 7 }));
    }

    [Fact]
    public async Task Rules_AreTheProducts_AndTheSettingsWhereThatSaysNothing()
    {
        var rules = await _rules.OfAsync("p");
        Assert.Equal((7, new DeviceMessageOptions().RoundsMax), (rules.OpenMax, rules.RoundsMax));
        Assert.Equal(MessageRules.Of(new DeviceMessageOptions()), await _rules.OfAsync("unknown"));
    }

    [Fact]
    public async Task Rules_AskedForAtOnce_AreReadOnce()
    {
        var reading = new TaskCompletionSource();
        var reads = 0;
        _registry.OnFindProduct = () =>
        {
            Interlocked.Increment(ref reads);
            return reading.Task;
        };
        var asked = Enumerable.Range(0, 50).Select(_ => _rules.OfAsync("p").AsTask()).ToArray();
        reading.SetResult();
        var rules = await Task.WhenAll(asked).InTimeAsync();
        Assert.Equal(1, reads);
        Assert.All(rules, each => Assert.Same(rules[0], each));
    }

    [Fact]
    public async Task Rules_ThatAreOld_ServeUntilTheNewOnesHaveCome()
    {
        var old = await _rules.OfAsync("p");
        await _registry.SetMessagePolicyAsync("p", null);
        var reading = new TaskCompletionSource();
        _registry.OnFindProduct = () => reading.Task;
        Assert.Same(old, await _rules.OfAsync("p"));

        _time.Advance(ProductRules.Freshness);
        Assert.Same(old, await _rules.OfAsync("p"));
        reading.SetResult();
        await Patience.UntilAsync(async () => (await _rules.OfAsync("p")).OpenMax == 100);
    }

    [Fact]
    public async Task Rules_WhereTheStoreIsAway_AreTheOldOnes_AndTheFirstToAskIsTold()
    {
        var old = await _rules.OfAsync("p");
        _registry.OnFindProduct = static () => throw new IOException("The disk is gone.");
        _time.Advance(ProductRules.Freshness);
        Assert.Same(old, await _rules.OfAsync("p"));
        Assert.Same(old, await _rules.OfAsync("p"));
        await Assert.ThrowsAsync<IOException>(() => _rules.OfAsync("q").AsTask());

        _registry.OnFindProduct = static () => Task.CompletedTask;
        Assert.Equal(100, (await _rules.OfAsync("q")).OpenMax);
    }

    [Fact]
    public async Task Rules_ThatAreReadAgainAndTheSame_AreTheVeryObject()
    {
        var old = await _rules.OfAsync("p");
        _time.Advance(ProductRules.Freshness);
        await _rules.OfAsync("p");
        Assert.Same(old, await _rules.OfAsync("p"));
    }
}
