namespace IotPlatform.Engine.Tests;

[Collection(EngineCollection.Name)]
public sealed class PersistentStateTests(EngineFixture engine) : EngineTest(engine)
{
    private ISavingGrain Subject => Grain<ISavingGrain>();

    [Fact]
    public async Task State_NeverWritten_IsANewOneWithoutARecord()
    {
        Assert.Equal(0, await Subject.ValueAsync());
        Assert.False(await Subject.RecordExistsAsync());
    }

    [Fact]
    public async Task State_Written_IsThereWhenTheGrainActivatesAgain()
    {
        await Subject.SetAsync(7);
        await Subject.WriteAsync();
        await DeactivateAsync(1);

        Assert.Equal(7, await Subject.ValueAsync());
        Assert.True(await Subject.RecordExistsAsync());
        Assert.Equal(["activated with 0", "deactivated", "activated with 7"], Journal.Entries);
    }

    [Fact]
    public async Task State_NotWritten_IsLostWithTheActivation()
    {
        await Subject.SetAsync(7);
        await DeactivateAsync(1);

        Assert.Equal(0, await Subject.ValueAsync());
    }

    [Fact]
    public async Task State_ReadAgain_IsAsItWasWritten()
    {
        await Subject.SetAsync(7);
        await Subject.WriteAsync();
        await Subject.SetAsync(8);

        await Subject.ReadAsync();

        Assert.Equal(7, await Subject.ValueAsync());
    }

    [Fact]
    public async Task State_Cleared_IsANewOneWithoutARecord()
    {
        await Subject.SetAsync(7);
        await Subject.WriteAsync();

        await Subject.ClearAsync();
        Assert.Equal(0, await Subject.ValueAsync());
        Assert.False(await Subject.RecordExistsAsync());

        await DeactivateAsync(1);
        Assert.Equal(0, await Subject.ValueAsync());
    }

    [Fact]
    public async Task State_WrittenTwice_IsTheLatter()
    {
        await Subject.SetAsync(7);
        await Subject.WriteAsync();
        await Subject.SetAsync(8);
        await Subject.WriteAsync();
        await DeactivateAsync(1);

        Assert.Equal(8, await Subject.ValueAsync());
    }

    private async Task DeactivateAsync(int times)
    {
        await Subject.DeactivateAsync();
        await Journal.ReachesAsync("deactivated", times);
    }
}
