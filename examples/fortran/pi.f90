! pi as the area below 4/(1+x*x) from 0 to 1: every rank adds up its share of the strips, rank 0 the shares.
program pi
    use, intrinsic :: iso_fortran_env, only: int64, real64
    use mpi_f08
    implicit none

    integer(int64), parameter :: strips = 100000000_int64
    integer :: rank, size
    real(real64) :: share, area

    call MPI_Init()
    call MPI_Comm_rank(MPI_COMM_WORLD, rank)
    call MPI_Comm_size(MPI_COMM_WORLD, size)

    share = sum_of_strips(rank, size)
    call MPI_Reduce(share, area, 1, MPI_DOUBLE_PRECISION, MPI_SUM, 0, MPI_COMM_WORLD)
    if (rank == 0) print '(a, i0, a, f12.10)', 'pi from ', size, ' ranks: ', area

    call MPI_Finalize()

contains

    ! Every size-th strip, from the rank-th on.
    pure function sum_of_strips(rank, size) result(area)
        integer, intent(in) :: rank, size
        real(real64) :: area, middle
        integer(int64) :: strip

        area = 0
        do strip = rank, strips - 1, size
            middle = (real(strip, real64) + 0.5_real64) / strips
            area = area + 4 / (1 + middle**2)
        end do
        area = area / strips
    end function sum_of_strips
end program pi
