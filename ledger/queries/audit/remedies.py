"""What to do about a finding, in words for whoever runs the audit; many checks share one."""

from ledger.domain.errors import Text

RESTORE = Text(
    "程序不会改动已记的账：有人直接改了数据库，或磁盘损坏。停止记账，保留现状备查；找出最近一次核查无误的备份，"
    "恢复后再核查一次。",
    "The program never changes what is booked: somebody changed the database, or a disk did. Stop posting and keep "
    "this state as evidence; restore the newest backup whose audit is clean, and audit again.",
)
CORRECT = Text(
    "明细是凭据，这个数由它算出。先核对明细（points account statement），停服务、备份，再把这个数改成算出的，"
    "然后再核查一次。",
    "The entries are the evidence and this number follows from them. Look at them (points account statement), stop the "
    "server, back up, set the number to what they come to, and audit again.",
)
RECOMPUTE = Text(
    "奖励是凭据，榜单由它算出。先核对这名骑手的上报，停服务、备份，再把这一行改成算出的数，然后再核查一次。",
    "The awards are the evidence and the standing follows from them. Look at the rider's reports, stop the server, "
    "back up, set the row to what they come to, and audit again.",
)
RESTORE_LIST = Text(
    "公布过的榜单只能以更正改动：有人直接改了数据库。查看差在哪里（points month verify），停服务、备份，"
    "把榜单改成摘要所证明的，再核查一次。",
    "Only corrections change a published list: somebody changed the database. See what differs (points month verify), "
    "stop the server, back up, set the list to what its digest proves, and audit again.",
)
LOOK_AT_REPORT = Text(
    "看这条上报（points report show）。奖励与账不符时不要改账：撤销上报（points report revoke）再重新上报；"
    "不能撤销就从备份恢复。",
    "Look at the report (points report show). Do not change the books to fit: revoke it (points report revoke) and "
    "have it reported again; where it cannot be revoked, restore a backup.",
)
LOOK_AT_INCIDENT = Text(
    "看这起隐患（points incident show）。不要改账：把上报拆出再合并（points incident split、merge），份额会重算。",
    "Look at the incident (points incident show). Do not change the books to fit: split a report off and merge it "
    "again (points incident split, merge), and shares and points are decided anew.",
)
LOOK_AT_REDEMPTION = Text(
    "看这张兑换单（points redemption show），先不要发货。未了结的取消后重新兑换（points redemption cancel）；"
    "已了结的从备份恢复。",
    "Look at the redemption (points redemption show) and hand nothing over. Cancel an open one (points redemption "
    "cancel) and redeem again; for a closed one restore a backup.",
)
COUNT_STOCK = Text(
    "到驿站清点这件商品，与兑换单对照；账上差的用 points catalog restock 记一笔说明。",
    "Count the item at its stations and compare with its redemptions; book what differs with points catalog restock, "
    "and say why.",
)
TELL_AGAIN = Text(
    "账以表为准，事件只供别的系统跟随。通知跟随的系统从头同步（points event list），并查谁改过数据库。",
    "The tables are the books; events only tell other systems. Have those that follow read everything anew "
    "(points event list), and find who changed the database.",
)
LOOK_AT_PROPOSAL = Text(
    "看这个提案和它的交易（points proposal show、points transaction show），问清两个人；记错的另提一个相反的提案"
    "（points proposal give 或 take），由别人批准。",
    "Look at the proposal and its transaction (points proposal show, points transaction show) and ask both people; "
    "put what is wrong right by an opposite proposal (points proposal give or take), approved by somebody else.",
)
REVIEW_TITLE = Text(
    "看这名骑手的荣誉和当月的榜单（points honor titles、points ranking show），由负责人复核并公布更正。",
    "Look at the rider's titles and the month's ranking (points honor titles, points ranking show); a manager reviews "
    "it and publishes the correction.",
)
WAIT_FOR_JOB = Text(
    "服务每分钟补记一次等预算的积分。服务在运行而一分钟后仍在，就看服务日志里的 job_failed。",
    "A running server books what can be paid once a minute. If it is still here after that, look for job_failed in "
    "the server's log.",
)
LAPSE_POINTS = Text(
    "到期的积分还没有转走：兑换时不会用到它，余额里却还看得见。服务每小时转一次，请确认服务在运行；"
    "还在就看服务日志里的 job_failed。",
    "The points have lapsed and are still there: nothing spends them, but balances show them. A server takes them "
    "every hour: see that one is running; if they stay, look for job_failed in the server's log.",
)
