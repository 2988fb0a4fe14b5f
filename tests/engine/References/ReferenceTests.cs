namespace IotPlatform.Engine.Tests;

[Collection(EngineCollection.Name)]
public sealed class ReferenceTests(EngineFixture engine) : EngineTest(engine)
{
    [Fact]
    public void References_ToTheSameGrain_AreEqual()
    {
        var first = Grain<IHolderGrain>();
        var second = Grain<IHolderGrain>();

        Assert.True(first.Equals(second));
        Assert.Equal(first.GetHashCode(), second.GetHashCode());
    }

    [Fact]
    public void References_ToGrainsOfDifferentKeys_AreNotEqual() =>
        Assert.False(Grain<IHolderGrain>().Equals(Grains.GetGrain<IHolderGrain>(EngineFixture.NewKey())));

    [Fact]
    public void References_ToGrainsOfDifferentTypes_AreNotEqual() => Assert.False(Grain<IHolderGrain>().Equals(Grain<ILifeGrain>()));

    [Fact]
    public void References_ByTwoInterfacesOfOneGrain_AreEqual() => Assert.True(Grain<IHolderGrain>().Equals(Grain<ICounterGrain>()));

    [Fact]
    public async Task References_ByTwoInterfacesOfOneGrain_ReachOneActivation()
    {
        await Grain<IHolderGrain>().IncrementAsync();

        Assert.Equal(1, await Grain<ICounterGrain>().CountAsync());
    }

    [Fact]
    public async Task References_MadeByManyThreadsAtAnInterfacesFirstUse_AllAnswer()
    {
        using var start = new Barrier(8);
        var answers = Enumerable.Range(0, 8).Select(i => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return Grains.GetGrain<IFirstUsedGrain>(EngineFixture.NewKey()).AnswerAsync(i);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap());

        Assert.Equal(Enumerable.Range(0, 8), await Task.WhenAll(answers.ToArray()).InTimeAsync("first uses"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void GetGrain_WithoutAKey_IsRefused(string? key) => Assert.ThrowsAny<ArgumentException>(() => Grains.GetGrain<IHolderGrain>(key!));

    [Fact]
    public void Reference_AskedForItsKey_KnowsIt() => Assert.Equal(Key, Grain<IHolderGrain>().GetPrimaryKeyString());

    [Fact]
    public async Task Reference_PassedToAGrain_IsTheSameThere() => Assert.True(await Grain<IHolderGrain>().IsSelfAsync(Grain<IHolderGrain>()));

    [Fact]
    public async Task Reference_PassedToAGrain_CanBeCalledThere()
    {
        var otherKey = EngineFixture.NewKey();

        Assert.Equal(otherKey, await Grain<IHolderGrain>().KeyOfAsync(Grains.GetGrain<ICallGrain>(otherKey)));
    }

    [Fact]
    public async Task Reference_ReturnedByAGrain_CanBeCalled()
    {
        var otherKey = EngineFixture.NewKey();

        var other = await Grain<IHolderGrain>().OtherAsync(otherKey);

        Assert.Equal(otherKey, await other.KeyAsync());
    }
}
