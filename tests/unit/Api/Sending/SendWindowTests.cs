using IotPlatform.Api.Sending;

namespace IotPlatform.Unit.Tests.Api.Sending;

/// <summary>What of one stream is under way.</summary>
public sealed class SendWindowTests
{
    [Fact]
    public void Window_FullOfMessages_HasRoomWhenAnswersAreWritten()
    {
        var window = new SendWindow(2, 100);
        window.Enter(1);
        Assert.True(window.WhenRoomAsync().IsCompleted);
        window.Enter(1);
        var room = window.WhenRoomAsync();

        Assert.False(room.IsCompleted);
        window.Leave(1, 1);
        Assert.True(room.IsCompleted);
        Assert.Equal(1, window.Messages);
    }

    [Fact]
    public void Window_FullOfBytes_HasRoomWhenTheyHaveLeft()
    {
        var window = new SendWindow(10, 100);
        window.Enter(49);
        window.Enter(50);
        Assert.True(window.WhenRoomAsync().IsCompleted);
        window.Enter(50);
        var room = window.WhenRoomAsync();

        window.Leave(1, 49);
        Assert.False(room.IsCompleted);
        window.Leave(1, 1);
        Assert.True(room.IsCompleted);
    }

    [Fact]
    public void Window_IsEmpty_WhenEveryAnswerIsWritten()
    {
        var window = new SendWindow(10, 100);
        Assert.True(window.WhenEmptyAsync().IsCompleted);
        window.Enter(1);
        window.Enter(1);
        var empty = window.WhenEmptyAsync();
        window.Leave(1, 1);
        Assert.False(empty.IsCompleted);
        window.Leave(1, 1);
        Assert.True(empty.IsCompleted);
    }
}
