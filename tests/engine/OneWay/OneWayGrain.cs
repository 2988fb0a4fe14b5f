namespace IotPlatform.Engine.Tests;

public sealed class OneWayGrain(Board board) : Grain, IOneWayGrain
{
    private string Key => this.GetPrimaryKeyString();

    public async Task HoldAsync()
    {
        await board.Gate(Key).PassAsync();
        board.Journal(Key).Add("ends");
    }

    public Task FailAsync()
    {
        board.Journal(Key).Add("fails");
        throw new InvalidOperationException("Nobody hears this.");
    }

    public Task PassAsync() => Task.CompletedTask;
}
